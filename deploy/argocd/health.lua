-- Health of a SidecarSet in Argo CD: the first answer that applies. Argo CD gives scripts only the base and table libraries.
local status = obj.status or {}
local spec = obj.spec or {}
local strategy = spec.updateStrategy or {}
local matched = status.matchedPods or 0
local updated = status.updatedPods or 0
local updatedReady = status.updatedReadyPods or 0
local share = updated .. "/" .. matched

local function condition(kind)
  for _, found in ipairs(status.conditions or {}) do
    if found.type == kind then
      return found
    end
  end
  return nil
end

local function health(state, message)
  return { status = state, message = message }
end

-- A SidecarSet that OpenKruise looks after has no conditions: a share that is held back on purpose can only be guessed.
local function held()
  local progressing = condition("Progressing")
  if progressing ~= nil then
    local reason = progressing.reason
    return progressing.status == "False" and (reason == "HeldByPartition" or reason == "HeldBySelector")
  end
  local partition = strategy.partition
  local keeps = partition ~= nil and partition ~= 0 and partition ~= "0" and partition ~= "0%"
  return (keeps or strategy.selector ~= nil) and updated == updatedReady
end

if status.observedGeneration ~= obj.metadata.generation then
  return health("Progressing", "Waiting for the manager to look at generation " .. (obj.metadata.generation or 0))
end

local stalled = condition("Stalled")
if stalled ~= nil and stalled.status == "True" then
  return health("Degraded", stalled.reason .. ": " .. stalled.message)
end

local paused = condition("Paused")
if strategy.paused == true then
  return health("Suspended", "Update paused at " .. share)
end
if paused ~= nil and paused.status == "True" and paused.reason == "UpdatesStopped" then
  return health("Suspended", paused.message)
end

if strategy.type == "NotUpdate" then
  return health("Healthy", "Injection only")
end
if updated == matched and updatedReady == matched then
  return health("Healthy", share .. " updated")
end
if held() then
  return health("Suspended", "Held at " .. share)
end
return health("Progressing", share .. " updated, " .. updatedReady .. " of them ready")
