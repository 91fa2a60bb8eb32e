-- The rollout goes on where it stood.
if obj.spec.updateStrategy ~= nil then
  obj.spec.updateStrategy.paused = nil
end
return obj
