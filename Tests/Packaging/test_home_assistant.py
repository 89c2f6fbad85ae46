"""The packages for Home Assistant's core Modbus integration: their form, played against simulated units, and their budget."""

import csv
import json
import re
import unittest
from decimal import Decimal

import paths
import yaml

import core_modbus
from clients import tcp_client
from dataset import DatasetTestCase
from recording import real_recording
from waiting import eventually

PACKAGES = {"modbus.yaml": "min-6000tl-xh", "modbus-sph.yaml": "sph-6000"}
FAMILIES = {"modbus.yaml": ("tlx", "common"), "modbus-sph.yaml": ("storage", "max")}
PAGE = paths.ROOT / "docs/home-assistant.md"
# What the integration's documentation has; an unknown key makes Home Assistant refuse the whole hub.
HUB_KEYS = {"name", "type", "host", "port", "timeout", "delay", "message_wait_milliseconds", "sensors"}
SENSOR_KEYS = {
    "name", "unique_id", "slave", "address", "input_type", "data_type", "scale", "precision", "unit_of_measurement",
    "device_class", "state_class", "scan_interval"}
UNITS = {
    "power": "W", "energy": "kWh", "voltage": "V", "frequency": "Hz", "temperature": "°C", "battery": "%", None: None}
PLAUSIBLE = {
    "power": (-10_000, 10_000), "energy": (1, 1_000_000), "voltage": (40, 500), "frequency": (49, 51),
    "temperature": (-20, 90), "battery": (0, 100), None: (0, 1000)}


def hub(package):
    (only,) = yaml.safe_load((paths.ROOT / "examples/home-assistant" / package).read_text())["modbus"]
    return only


def sensors():
    return [(package, sensor) for package in PACKAGES for sensor in hub(package)["sensors"]]


class PackageTests(unittest.TestCase):
    def test_every_key_is_one_of_the_integrations(self):
        for package in PACKAGES:
            self.assertLessEqual(set(hub(package)), HUB_KEYS)
            self.assertEqual(hub(package)["type"], "tcp")
            for sensor in hub(package)["sensors"]:
                self.assertLessEqual(set(sensor), SENSOR_KEYS, sensor["name"])

    def test_names_and_unique_ids_are_there_once(self):
        for package in PACKAGES:
            for key in ("name", "unique_id"):
                values = [sensor[key] for sensor in hub(package)["sensors"]]
                self.assertEqual(len(values), len(set(values)))

    def test_both_packages_have_the_same_entities(self):
        first, second = ({sensor["unique_id"] for sensor in hub(package)["sensors"]} for package in PACKAGES)
        self.assertEqual(first, second)

    def test_units_fit_their_classes_and_energies_go_into_the_energy_dashboard(self):
        for package, sensor in sensors():
            with self.subTest(package, sensor=sensor["name"]):
                kind = sensor.get("device_class")
                self.assertEqual(sensor.get("unit_of_measurement"), UNITS[kind])
                self.assertEqual(
                    sensor.get("state_class"),
                    {"energy": "total_increasing", None: None}.get(kind, "measurement"))

    def test_digits_behind_the_point_are_shown(self):
        # Otherwise the integration rounds 235.4 V to 235.
        for package, sensor in sensors():
            digits = -Decimal(str(sensor.get("scale", 1))).as_tuple().exponent
            self.assertEqual(sensor.get("precision", 0), digits, f"{package}: {sensor['name']}")

    def test_the_timeout_is_not_below_the_brokers(self):
        self.assertEqual({hub(package)["timeout"] for package in PACKAGES}, {5})


class FactTests(unittest.TestCase):
    """Against the register facts, which are no part of the project."""

    def test_each_address_has_the_type_scale_and_unit_of_the_facts(self):
        path = real_recording(self).with_name("growatt-registers.csv")
        rows = csv.DictReader(path.read_text().splitlines())
        facts = {(row["family"], row["table"], int(row["address"])): row for row in rows}
        types = {"uint16": "u16", "int16": "s16", "uint32": "u32", "int32": "s32"}
        for package, sensor in sensors():
            with self.subTest(package, sensor=sensor["name"]):
                places = [(family, sensor["input_type"], sensor["address"]) for family in FAMILIES[package]]
                (fact,) = [facts[place] for place in places if place in facts]
                self.assertEqual(Decimal(fact["scale"]), Decimal(str(sensor.get("scale", 1))))
                self.assertEqual(fact["unit"].replace("degC", "°C"), sensor.get("unit_of_measurement", ""))
                signed_in_practice = fact["key"] == "ac_power" and "s32" in fact["notes"]
                self.assertEqual("s32" if signed_in_practice else fact["type"], types[sensor["data_type"]])


class PlayedTests(DatasetTestCase):
    def expected(self, dataset, sensor):
        """From the dataset's file, without a float."""
        part = json.loads((paths.ROOT / f"Sources/CResources/Datasets/{dataset}.json").read_text())["input"]
        words = [part[str(sensor["address"] + offset)] for offset in range(core_modbus.register_count(sensor))]
        value = sum(word << 16 * place for place, word in enumerate(reversed(words)))
        bits = 16 * len(words)
        if sensor["data_type"].startswith("int") and value >> bits - 1:
            value -= 1 << bits
        return str(value * Decimal(str(sensor.get("scale", 1))))

    def test_every_sensor_shows_what_the_dataset_holds_and_it_is_plausible(self):
        for package, dataset in PACKAGES.items():
            with tcp_client(self.serve(dataset, "--strict")) as client:
                shown = core_modbus.states(client, hub(package))
            for sensor in hub(package)["sensors"]:
                with self.subTest(package, sensor=sensor["name"]):
                    value = shown[sensor["unique_id"]]
                    self.assertEqual(value, self.expected(dataset, sensor))
                    least, most = PLAUSIBLE[sensor.get("device_class")]
                    self.assertTrue(least <= Decimal(value) <= most, value)

    def test_powers_of_a_simulated_day_add_up_by_their_names(self):
        for package, dataset in PACKAGES.items():
            for start in ("12:00", "19:30"):
                broker = self.serve(dataset, "--profile", "sunny-day", "--start-time", start, "--time-scale", "0.01")
                with tcp_client(broker) as client, self.subTest(package, start=start):
                    shown = {key.removeprefix("growatt_"): float(value)
                             for key, value in core_modbus.states(client, hub(package)).items()}
                    self.assertAlmostEqual(
                        shown["ac_power"] + shown["grid_import"] - shown["grid_export"], shown["load_power"], delta=2)
                    from_battery = shown["battery_discharge"] - shown["battery_charge"]
                    self.assertAlmostEqual(
                        (shown["pv_power"] + from_battery) * 0.975, shown["ac_power"], delta=0.06 * shown["pv_power"] + 100)

    def test_energies_only_rise_while_hours_go_by(self):
        for package, dataset in PACKAGES.items():
            energies = [sensor for sensor in hub(package)["sensors"] if sensor.get("device_class") == "energy"]
            broker = self.serve(dataset, "--profile", "sunny-day", "--start-time", "15:00", "--time-scale", "3600")
            rounds = []
            with tcp_client(broker) as client:
                def hours_later():
                    values = core_modbus.states(client, {"sensors": energies})
                    rounds.append({key: float(value) for key, value in values.items()})
                    return all(
                        rounds[-1][key] > rounds[0][key]
                        for key in ("growatt_pv_energy", "growatt_load_energy", "growatt_battery_discharge_energy"))

                eventually(hours_later, "sun, house and battery have risen", limit=30)
            for before, after in zip(rounds, rounds[1:]):
                self.assertTrue(all(after[key] >= before[key] for key in before), (before, after))


class BudgetTests(unittest.TestCase):
    """The figures of the page are worked out from the real capture; those of the packages from their intervals."""

    PAUSE, TIMEOUT = 0.5, 0.9

    def test_a_package_takes_less_than_half_of_what_is_left_beside_the_dongle(self):
        left = float(re.search(r"\| small read, 115200 baud \|[^|]*\|[^|]*\| ([\d.]+) a second \|", PAGE.read_text())[1])
        for package in PACKAGES:
            asked = core_modbus.requests_a_second(hub(package))
            self.assertLess(asked, left / 2, package)
            text = (paths.ROOT / "examples/home-assistant" / package).read_text()
            self.assertIn(f"{len(hub(package)['sensors'])} of them ask {asked:.1f} times a second", text)
            self.assertIn(f"| {asked:.2f} a second |", PAGE.read_text())

    def test_the_budget_is_what_the_capture_gives(self):
        from tools import run_tool

        report = json.loads(run_tool("analyze", real_recording(self), "--json")[0])
        lost = report["timeouts"] / report["requests"]
        times = {row["bytes"]: row["medianMs"] / 1000 for row in report["replyTimesBySize"]}
        (dongle,) = [client for client in report["clients"] if client["name"] == "SHINE"]
        rate = dongle["requests"] / report["seconds"]

        def cost(reply_bytes):
            return self.PAUSE + times[reply_bytes] + lost * self.TIMEOUT

        left = 1 - rate * cost(255)
        page = PAGE.read_text()
        self.assertIn(f"{rate:.2f} requests a second, {100 * (1 - left):.0f} % of the line", page)
        for name, size in (("small read", 9), ("125 registers", 255)):
            self.assertIn(
                f"| {name}, 115200 baud | {1000 * times[size]:.0f} ms | {1 / cost(size):.1f} a second | "
                f"{left / cost(size):.1f} a second |", page)


if __name__ == "__main__":
    unittest.main()
