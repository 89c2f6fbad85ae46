"""What Home Assistant's core Modbus integration does with a sensor: one read for each, by its own rules of decoding."""

import struct

STRUCTURES = {"uint16": ">H", "int16": ">h", "uint32": ">I", "int32": ">i"}


def register_count(sensor):
    return struct.calcsize(STRUCTURES[sensor["data_type"]]) // 2


def requests_a_second(hub):
    """Each sensor asks by itself, `scan_interval` after its last answer; 15 s is the integration's default."""
    return sum(1 / sensor.get("scan_interval", 15) for sensor in hub["sensors"])


def read(client, sensor):
    function = {"input": client.read_input_registers, "holding": client.read_holding_registers}[sensor["input_type"]]
    return function(sensor["address"], count=register_count(sensor), device_id=sensor["slave"])


def state(sensor, registers):
    """As the integration shows it. Without `precision` every number becomes a whole one, whatever its scale."""
    data = b"".join(register.to_bytes(2, "big") for register in registers)
    value = sensor.get("scale", 1) * struct.unpack(STRUCTURES[sensor["data_type"]], data)[0] + sensor.get("offset", 0)
    precision = sensor.get("precision", 0)
    return f"{float(value):.{precision}f}" if precision else str(round(value))


def states(client, hub):
    """One round of all sensors, one request after the other, as the integration's lock has it."""
    def one(sensor):
        reply = read(client, sensor)
        assert not reply.isError(), f"{sensor['name']}: {reply}"
        return sensor["unique_id"], state(sensor, reply.registers)

    return dict(map(one, hub["sensors"]))
