-- Which buttons Argo CD offers for a SidecarSet, and which of them have nothing to do at present.
local strategy = (obj.spec or {}).updateStrategy or {}
local partition = strategy.partition
local keeps = partition ~= nil and partition ~= 0 and partition ~= "0" and partition ~= "0%"
local paused = strategy.paused == true

return {
  ["pause"] = { ["disabled"] = paused, ["displayName"] = "Pause" },
  ["resume"] = { ["disabled"] = not paused, ["displayName"] = "Resume" },
  ["promote"] = { ["disabled"] = not (keeps or strategy.selector ~= nil), ["displayName"] = "Promote one step" },
  ["promote-full"] = {
    ["disabled"] = not (keeps or paused or strategy.selector ~= nil),
    ["displayName"] = "Promote to all pods",
  },
}
