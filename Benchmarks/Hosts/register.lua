-- wrk script: each request registers a job of its own that no node can take, so that only registering is measured.
local counter = 0
local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

function request()
  counter = counter + 1
  local id = string.format("bench-%d-%d", number, counter)
  local body = string.format(
    '{"Job":{"ID":"%s","Name":"%s","Type":"batch","Datacenters":["nowhere"],"TaskGroups":[{"Name":"g","Count":1,' ..
    '"Tasks":[{"Name":"t","Driver":"raw_exec","Config":{"command":"/bin/true"},"Resources":{"CPU":100,"MemoryMB":32}}]}]}}',
    id, id)
  return wrk.format("POST", "/v1/jobs", { ["Content-Type"] = "application/json" }, body)
end

local failed = 0
function response(status)
  if status ~= 200 then failed = failed + 1 end
end

function done(summary)
  io.write(string.format("registered %d jobs in %.2f s, %d answers other than 200\n",
    summary.requests, summary.duration / 1e6, summary.errors.status))
end
