-- Lets the next share of the pods go: the first of 10, 25, 50, 75 and 100 percent that releases at least one more. A canary's selector goes in
-- the same patch, for without it every pod would be released at once.
local status = obj.status or {}
obj.spec.updateStrategy = obj.spec.updateStrategy or {}
local strategy = obj.spec.updateStrategy
local matched = status.matchedPods or 0
local total = matched > 0 and matched or 100
local old = matched > 0 and matched - (status.updatedPods or 0) or total

-- How many pods a partition keeps; of a share, rounded up, but all of them only for 100%. Scripts have no library for texts.
local function keptBy(partition)
  local kept = partition
  if type(partition) ~= "number" then
    kept = nil
    for percent = 0, 100 do
      if partition == percent .. "%" then
        kept = percent * total / 100
        kept = kept + (-kept) % 1
        if total > 1 and kept == total and percent ~= 100 then
          kept = total - 1
        end
      end
    end
    if kept == nil then
      error("spec.updateStrategy.partition is neither a number nor a whole percentage such as 50%")
    end
  end
  return kept < 0 and 0 or kept > total and total or kept
end

local present = keptBy(strategy.partition or 0)
local held = strategy.selector ~= nil and old or (present < old and present or old)
local next = 0
for _, step in ipairs({ "90%", "75%", "50%", "25%" }) do
  if keptBy(step) < held then
    next = step
    break
  end
end
if type(strategy.partition) == "number" and strategy.partition > 0 then
  next = keptBy(next)
end
strategy.partition = next
strategy.selector = nil
return obj
