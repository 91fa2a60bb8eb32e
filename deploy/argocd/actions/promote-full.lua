-- Nothing holds pods back any more: neither pause nor update selector nor partition. maxUnavailable stays.
local strategy = obj.spec.updateStrategy
if strategy ~= nil then
  strategy.paused = nil
  strategy.selector = nil
  strategy.partition = nil
end
return obj
