-- Asks Twofold whether a password lets a mail client in (POST /v1/app-passwords/check). For Dovecot 2.3.19 and later, with
-- dovecot-auth-lua; docs/mail-servers.md shows the configuration around it, which this script depends on: whatever it does not
-- accept must not reach another passdb, but for the one answer that says so.

-- Three lines of "name = value": url, organization, key_file.
local settings_file = "/etc/dovecot/twofold.settings"

-- What Dovecot calls a service, where the organisation's policy has another word for it.
local services = { pop3 = "pop", submission = "smtp", sieve = "managesieve" }

-- Your application's own id of the user. Here it is the whole name that was typed.
local function user_id(req)
  return req.user
end

local client

local function read_settings()
  local settings = {}
  for line in io.lines(settings_file) do
    local name, value = line:match("^%s*([%w_]+)%s*=%s*(.-)%s*$")
    if name then
      settings[name] = value
    end
  end
  return settings
end

-- The key is read anew each time, so that a new one needs no restart.
local function read_key(path)
  local file = assert(io.open(path, "r"))
  local key = file:read("l")
  file:close()
  return key
end

local escapes = { ['"'] = '\\"', ["\\"] = "\\\\" }

local function quoted(text)
  return '"' .. text:gsub('[%c"\\\127]', function(c)
    return escapes[c] or string.format("\\u%04x", c:byte())
  end) .. '"'
end

-- Some account passwords cannot be sent: what is no UTF-8, and what is longer than the API takes. They are no app passwords either, so Twofold is
-- asked about an empty one, and says whether the account password is to be checked.
local function sendable(password)
  if #password > 1024 or password:find("\239\191\189", 1, true) or utf8 and not utf8.len(password) then
    return ""
  end
  return password
end

local function ask(req, password)
  local settings = read_settings()
  client = client or dovecot.http.client {
    connect_timeout_msecs = 2000,
    request_timeout_msecs = 4000,
    request_absolute_timeout_msecs = 6000,
    max_attempts = 2,
    no_auto_redirect = true,
    -- Dovecot 2.3 goes on with a connection on which no answer came in time, and waits in vain again. So none is kept for long.
    max_idle_time_msecs = 200,
  }
  local request = client:request { url = settings.url, method = "POST" }
  request:add_header("Authorization", "Bearer " .. read_key(settings.key_file))
  request:add_header("Content-Type", "application/json")
  local body = '{"organization":' .. quoted(settings.organization) .. ',"user":' .. quoted(user_id(req)) ..
    ',"service":' .. quoted(services[req.service] or req.service) .. ',"password":' .. quoted(sendable(password))
  if req.rip ~= nil and req.rip ~= "" then
    body = body .. ',"browser":{"address":' .. quoted(req.rip) .. "}"
  end
  request:set_payload(body .. "}")
  return request:submit()
end

-- The first "status" is the answer's own. A quotation mark within a value has a backslash before it, so no value looks like that.
local function status_of(payload)
  return payload:match('"status"%s*:%s*"([a-z_]+)"')
end

function auth_password_verify(req, password)
  local asked, response = pcall(ask, req, password)
  if not asked then
    req:log_error("twofold: could not ask: " .. tostring(response))
    return dovecot.auth.PASSDB_RESULT_INTERNAL_FAILURE, ""
  end
  local code = response:status()
  if code == 200 then
    local status = status_of(response:payload())
    if status == "accepted" then
      return dovecot.auth.PASSDB_RESULT_OK, ""
    elseif status == "account_password" then
      return dovecot.auth.PASSDB_RESULT_NEXT, "" -- the next passdb, which checks the account password
    elseif status == "denied" then
      return dovecot.auth.PASSDB_RESULT_PASSWORD_MISMATCH, ""
    end
  elseif code == 422 or code == 400 then
    return dovecot.auth.PASSDB_RESULT_PASSWORD_MISMATCH, ""
  end
  req:log_error("twofold: answered " .. tostring(code))
  return dovecot.auth.PASSDB_RESULT_INTERNAL_FAILURE, ""
end

-- Mail that arrives, and tools, look users up without a password: that is no business of Twofold's.
function auth_passdb_lookup(req)
  return dovecot.auth.PASSDB_RESULT_NEXT, ""
end
