-- wrk: bodies of a file, a line each, sent in turn by POST.
-- Arguments: the file, the key ("-" for none), and, where each body is to name other people, "fresh" and the
-- number of the run: the eight figures after "id-" in it are then run, thread and a count, so that nothing that
-- a server remembers by name is met again.

local fresh, bodies, sent, headers, n = false, {}, 0, {}, 0
local number, run = 0, 0

function setup(thread)
  number = number + 1
  thread:set("own", number)
end

function init(arguments)
  headers["Content-Type"] = "application/json"
  if arguments[2] ~= "-" then headers["Authorization"] = "Bearer " .. arguments[2] end
  fresh = arguments[3] == "fresh"
  run = tonumber(arguments[4] or 0) % 1000
  for line in io.lines(arguments[1]) do
    n = n + 1
    bodies[n] = fresh and line or wrk.format("POST", nil, headers, line)
  end
  sent = own * 7  -- threads do not send the same body at the same time
end

function request()
  sent = sent + 1
  local body = bodies[sent % n + 1]
  if not fresh then return body end
  local name = string.format("id-%03d%d%04d", run, own % 10, sent % 10000)
  return wrk.format("POST", nil, headers, (body:gsub("id%-%d%d%d%d%d%d%d%d", name)))
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '\nTOLD {"requests": %d, "seconds": %.6f, "bytes": %d, "p50_ms": %.3f, "p90_ms": %.3f, "p99_ms": %.3f, ' ..
    '"max_ms": %.3f, "connect": %d, "read": %d, "write": %d, "status": %d, "timeout": %d}\n',
    summary.requests, summary.duration / 1e6, summary.bytes,
    latency:percentile(50) / 1e3, latency:percentile(90) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3,
    errors.connect, errors.read, errors.write, errors.status, errors.timeout))
end
