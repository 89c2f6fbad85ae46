#include "CResources.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char min_6000tl_xh[] = {
#embed "Datasets/min-6000tl-xh.json"
};
static const unsigned char sph_6000[] = {
#embed "Datasets/sph-6000.json"
};
static const unsigned char battery_cycle[] = {
#embed "Profiles/battery-cycle.yaml"
};
static const unsigned char cloudy_day[] = {
#embed "Profiles/cloudy-day.yaml"
};
static const unsigned char counter[] = {
#embed "Profiles/counter.yaml"
};
static const unsigned char grid_outage[] = {
#embed "Profiles/grid-outage.yaml"
};
static const unsigned char sleeping_inverter[] = {
#embed "Profiles/sleeping-inverter.yaml"
};
static const unsigned char static_values[] = {
#embed "Profiles/static.yaml"
};
static const unsigned char sunny_day[] = {
#embed "Profiles/sunny-day.yaml"
};
static const unsigned char winter_night[] = {
#embed "Profiles/winter-night.yaml"
};

#define RESOURCE(name, bytes) { name, bytes, sizeof(bytes) }

static const struct resource resources[] = {
    RESOURCE("datasets/min-6000tl-xh", min_6000tl_xh),
    RESOURCE("datasets/sph-6000", sph_6000),
    RESOURCE("profiles/battery-cycle", battery_cycle),
    RESOURCE("profiles/cloudy-day", cloudy_day),
    RESOURCE("profiles/counter", counter),
    RESOURCE("profiles/grid-outage", grid_outage),
    RESOURCE("profiles/sleeping-inverter", sleeping_inverter),
    RESOURCE("profiles/static", static_values),
    RESOURCE("profiles/sunny-day", sunny_day),
    RESOURCE("profiles/winter-night", winter_night),
};

const struct resource *resources_start(void) { return resources; }

size_t resources_count(void) { return sizeof(resources) / sizeof(resources[0]); }
