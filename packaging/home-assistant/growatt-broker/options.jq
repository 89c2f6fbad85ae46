# Makes the broker's configuration of the add-on's options: {configuration, notes}, or {error} with one sentence.
# JSON is YAML, so what a user typed is quoted as it should be, whatever it is.
# Variables: $tcp, $sniff (addresses to listen at), $wire_log (the file).

def refuse($option; $allowed): error("option \($option) is \(.[$option] | tojson); allowed: \($allowed)");

# Without the blanks that come along when an address is pasted.
def trimmed: sub("\\A[ \t\\x{a0}]+"; "") | sub("[ \t\\x{a0}]+\\z"; "");

# What is empty is not set.
def given($option): .[$option] | if type == "string" then trimmed != "" else . != null end;

def text($option; $allowed):
  if given($option) | not then null
  elif (.[$option] | type) != "string" or (.[$option] | trimmed | test("[\\x00-\\x1f\\x7f\\x{85}\\x{2028}\\x{2029}]")) then
    refuse($option; $allowed)
  else .[$option] | trimmed end;

def choice($option; $words; $default):
  if given($option) | not then $default
  elif .[$option] as $value | $words | index([$value]) then .[$option]
  else refuse($option; $words | join(", ")) end;

def number($option; $least; $most; $default):
  if given($option) | not then $default
  elif (.[$option] | type) == "number" and .[$option] >= $least and .[$option] <= $most then .[$option]
  else refuse($option; "\($least) to \($most)") end;

def whole($option; $least; $most; $default):
  number($option; $least; $most; $default) as $value
  | if $value == null or $value == ($value | floor) then $value
    else refuse($option; "a whole number, \($least) to \($most)") end;

def switch($option):
  if given($option) | not then false
  elif (.[$option] | type) == "boolean" then .[$option]
  else refuse($option; "true, false") end;

def format($option; $default):
  if given($option) | not then $default
  elif (.[$option] | type) == "string" and (.[$option] | test("\\A[78][NEO][12]\\z")) then .[$option]
  else refuse($option; "data bits 7 or 8, parity N, E or O, stop bits 1 or 2, such as 8N1") end;

def device($option):
  text($option; "a serial device that the chooser offers, such as /dev/ttyUSB0") as $path
  | if $path == null or ($path | startswith("/")) then $path
    else refuse($option; "a serial device that the chooser offers, such as /dev/ttyUSB0") end;

def addresses($option):
  "a list of addresses, or of blocks such as 192.168.1.0/24" as $allowed
  | if given($option) | not then []
    elif (.[$option] | type) == "array" and all(.[$option][]; type == "string") then
      [.[$option][] | trimmed | select(. != "")]
    else refuse($option; $allowed) end;

# Only a serial device of this machine has speed and format; what its URL says beats the options.
def serial($endpoint; $baud; $format):
  if $endpoint | test("^(/|serial:)"; "i") then
    (if $endpoint | test("[?&]baud=") then {} else {baud: $baud} end)
    + (if $endpoint | test("[?&]format=") then {} else {format: $format} end)
  else {} end;

def dongle:
  device("dongle_device") as $device
  | text("dongle_url"; "rtuovertcp://HOST:PORT, or listen+rtuovertcp://0.0.0.0:5022") as $url
  | ($url // $device) as $endpoint
  | whole("dongle_speed"; 50; 4000000; 115200) as $baud
  | format("dongle_format"; "8N1") as $format
  | if $endpoint == null then {} else {dongle: ({endpoint: $endpoint} + serial($endpoint; $baud; $format))} end;

def line:
  device("inverter_device") as $device
  | text("inverter_url"; "rtuovertcp://HOST:PORT, tcp://HOST:PORT, a device, …") as $url
  | ($url // $device) as $endpoint
  | choice("inverter_connection"; ["rs485", "uart"]; "rs485") as $connection
  | whole("inverter_speed"; 50; 4000000; {rs485: 9600, uart: 115200}[$connection]) as $baud
  | format("inverter_format"; "8N1") as $format
  | number("min_period"; 0; 3600; 0.5) as $pause
  | number("response_timeout"; 0.001; 3600; 0.9) as $timeout
  | dongle as $dongle
  | if $endpoint == null then
      error("no inverter: set the option inverter_device (a USB adapter) or inverter_url (a serial server)")
    elif $dongle.dongle.endpoint == $endpoint then
      error("the dongle cannot be at the inverter's place: both are \($endpoint | tojson); "
        + "choose another adapter for dongle_device, or none if the dongle is not connected")
    else
      {endpoint: $endpoint} + serial($endpoint; $baud; $format)
      + {"min-period": $pause, rtimeout: $timeout} + $dongle
    end;

def listener:
  switch("allow_writes") as $writes
  | addresses("writers") as $writers
  | {tcp: $tcp}
    + if $writes | not then {"read-only": true}
      elif $writers == [] then {}
      else {writers: $writers} end;

def log:
  choice("log_level"; ["error", "warning", "info", "debug"]; "info") as $level
  | switch("wire_log") as $on
  | whole("wire_log_size"; 1; 1000; 10) as $size
  | {level: $level} + if $on then {file: $wire_log, "max-size": "\($size)M"} else {} end;

def notes:
  [
    (if given("inverter_url") and given("inverter_device") then
      "inverter_url is set, so inverter_device is not used" else empty end),
    (if given("dongle_url") and given("dongle_device") then
      "dongle_url is set, so dongle_device is not used" else empty end),
    (if .allow_writes == true then
      if addresses("writers") == [] then
        "everybody who reaches the port may write to the inverter (allow_writes is on, writers is empty)"
      else "only writers may write to the inverter: \(addresses("writers") | join(", "))" end
    else "all may read, nobody may write to the inverter (allow_writes is off)" end)
  ];

try {
  configuration: (
    {lines: [line]}
    + {listeners: ([listener] + if switch("sniff") then [{sniff: $sniff}] else [] end)}
    + {clients: {timeout: number("client_timeout"; 1; 3600; 5)}}
    + {log: log}
  ),
  notes: notes
} catch {error: .}
