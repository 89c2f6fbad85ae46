"""What the Supervisor of Home Assistant accepts as an add-on's manifest, repository, translations and options.

The facts are from developers.home-assistant.io/docs/apps/configuration and from supervisor/apps/validate.py, apps/options.py,
apps/const.py, store/validate.py and validate.py of github.com/home-assistant/supervisor as of 2026 (before that: supervisor/addons).
Stricter than those: a key that the Supervisor would drop without a word is an error, and so is what it calls deprecated.
"""

import re

REPOSITORY_KEYS = {"name", "url", "maintainer"}
ARCHITECTURES = {"aarch64", "amd64"}  # armhf, armv7 and i386 are deprecated
STARTUPS = {"initialize", "system", "services", "application", "once"}
BOOTS = {"auto", "manual", "manual_only"}
STAGES = {"stable", "experimental", "deprecated"}
ROLES = {"default", "homeassistant", "backup", "manager", "admin"}
FOLDERS = {"data", "ssl", "addons", "backup", "share", "media", "homeassistant_config", "all_addon_configs", "addon_config"}
PORT = re.compile(r"\d+(/tcp|/udp)?")
ELEMENT = re.compile(
    r"(?P<kind>bool|email|url|port"
    r"|device(\((?P<filter>subsystem=[a-z]+)\))?"
    r"|(?P<sized>str|password|int|float)(\((?P<least>[\d.]*),(?P<most>[\d.]*)\))?"
    r"|match\((?P<pattern>.*)\)"
    r"|list\((?P<words>.+)\))(?P<optional>\?)?")


def text(value):
    return isinstance(value, str) and bool(value)


def boolean(value):
    return isinstance(value, bool)


def one_of(words):
    return lambda value: value in words


def fits(pattern):
    return lambda value: text(value) and re.fullmatch(pattern, value) is not None


def list_of(check):
    return lambda value: isinstance(value, list) and all(map(check, value))


def number(least, most):
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def dictionary(keys, values):
    return lambda value: isinstance(value, dict) and all(map(keys, value)) and all(map(values, value.values()))


def folder(value):
    return (isinstance(value, dict) and value.get("type") in FOLDERS and set(value) <= {"type", "read_only", "path"}
            and boolean(value.get("read_only", True)) and text(value.get("path", "/x")))


def element(value):
    """A schema's entry: a type, or a list or dictionary of types; a list never directly in a list."""
    if isinstance(value, str):
        return ELEMENT.fullmatch(value) is not None
    if isinstance(value, list):
        return bool(value) and all(not isinstance(each, list) and element(each) for each in value)
    return isinstance(value, dict) and all(map(text, value)) and all(map(element, value.values()))


url = fits(r"https?://[^\s/]+(/\S*)?")
port = fits(PORT)
flags = ("init host_network host_pid host_ipc host_uts host_dbus udev tmpfs apparmor full_access audio video gpio usb uart devicetree "
         "kernel_modules realtime hassio_api homeassistant_api stdin legacy docker_api auth_api ingress ingress_stream panel_admin "
         "journald").split()
REQUIRED = {
    "name": text, "version": text, "slug": fits(r"[-_.A-Za-z0-9]+"), "description": text,
    "arch": lambda value: bool(value) and list_of(one_of(ARCHITECTURES))(value),
}
OPTIONAL = {
    **{flag: boolean for flag in flags},
    "url": url,
    "image": fits(r"([a-zA-Z\-.:\d{}]+/)*?[\-\w{}]+/[\-\w{}]+"),
    "startup": one_of(STARTUPS), "boot": one_of(BOOTS), "stage": one_of(STAGES), "hassio_role": one_of(ROLES),
    "timeout": number(10, 300),
    "watchdog": fits(r"(https?|\[PROTO:\w+\]|tcp)://\[HOST\]:(\[PORT:\d+\]|\d+).*"),
    "webui": fits(r"(https?|\[PROTO:\w+\])://\[HOST\]:\[PORT:\d+\].*"),
    "ports": dictionary(port, lambda value: value is None or number(1, 65535)(value)),
    "ports_description": dictionary(port, text),
    "ingress_port": number(0, 65535), "ingress_entry": text, "panel_icon": fits(r"mdi:[a-z0-9-]+"), "panel_title": text,
    "homeassistant": text, "devices": list_of(text), "map": list_of(folder),
    "environment": dictionary(fits(r"\w*"), text), "privileged": list_of(text),
    "services": list_of(fits(r"(mqtt|mysql):(provide|want|need)")), "discovery": list_of(text),
    "backup": one_of({"hot", "cold"}), "backup_exclude": list_of(text), "backup_pre": text, "backup_post": text,
    "options": lambda value: isinstance(value, dict), "schema": dictionary(text, element),
    "breaking_versions": list_of(text), "machine": list_of(text),
}


def manifest_errors(manifest):
    missing = [f"{key} is missing" for key in REQUIRED if key not in manifest]
    rules = {**REQUIRED, **OPTIONAL}
    unknown = [f"{key} is no key, or a deprecated one" for key in manifest if key not in rules]
    wrong = [f"{key}: {value!r}" for key, value in manifest.items() if key in rules and not rules[key](value)]
    return missing + unknown + wrong


def repository_errors(repository):
    return ([] if text(repository.get("name")) else ["name is missing"]) + [
        f"{key}: {value!r}" for key, value in repository.items()
        if key not in REPOSITORY_KEYS or not (url(value) if key == "url" else text(value))]


def is_optional(kind):
    kind = kind[0] if isinstance(kind, list) else kind
    return isinstance(kind, str) and kind.endswith("?")


def value_error(kind, value):
    """What the Supervisor would say about an option's value, or None; devices are not looked for."""
    if isinstance(kind, list):
        if not isinstance(value, list):
            return f"{value!r} is no list"
        return next((error for each in value if (error := value_error(kind[0], each))), None)
    rule = ELEMENT.fullmatch(kind)
    if value is None:
        return "is missing"
    if rule["sized"]:
        if rule["sized"] in ("int", "float"):
            try:
                size = {"int": int, "float": float}[rule["sized"]](value)
            except (TypeError, ValueError):
                return f"{value!r} is no {rule['sized']}"
        else:
            size = len(str(value))
        if rule["least"] and size < float(rule["least"]) or rule["most"] and size > float(rule["most"]):
            return f"{value!r} is not in {kind}"
    if rule["words"] and str(value) not in rule["words"].split("|"):
        return f"{value!r} is not in {kind}"
    if rule["pattern"] is not None and re.match(rule["pattern"], str(value)) is None:
        return f"{value!r} does not match {kind}"
    if rule["kind"] == "bool" and not boolean(value):
        return f"{value!r} is no bool"
    return None


def options_errors(schema, options):
    missing = [f"{key} is missing" for key, kind in schema.items() if key not in options and not is_optional(kind)]
    unknown = [f"{key} is not in the schema" for key in options if key not in schema]
    wrong = [f"{key}: {error}" for key, value in options.items()
             if key in schema and (error := value_error(schema[key], value))]
    return missing + unknown + wrong


def translation_errors(translation, manifest):
    """Every option and port has its words, and nothing else has."""
    errors = [f"{key} is no key" for key in translation if key not in ("configuration", "network")]
    options, ports = translation.get("configuration", {}), translation.get("network", {})
    errors += [f"option {key}" for key in set(options) ^ set(manifest["schema"])]
    errors += [f"port {key}" for key in set(ports) ^ set(manifest["ports"])]
    errors += [f"option {key}: {words!r}" for key, words in options.items()
               if set(words) != {"name", "description"} or not all(map(text, words.values()))]
    return errors + [f"port {key}: {words!r}" for key, words in ports.items() if not text(words)]
