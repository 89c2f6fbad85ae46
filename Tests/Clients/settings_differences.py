"""Whether all that one configuration says is said by another one as well."""


def differences(wanted, found, words, place=""):
    """What is different, in words for the two, such as ("told", "written"). `found` may have more keys, and no more elements."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        for key, value in wanted.items():
            yield from differences(value, found.get(key), words, f"{place}.{key}")
    elif isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        for index, (first, second) in enumerate(zip(wanted, found)):
            yield from differences(first, second, words, f"{place}[{index}]")
    elif wanted != found:
        yield f"{place.lstrip('.')}: {wanted} {words[0]}, {found} {words[1]}"
