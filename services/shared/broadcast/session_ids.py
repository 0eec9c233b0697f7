"""Session ids that people can read out: `adjective-noun-NNN`."""

import random
import re

ADJECTIVES = (
    "able amber arctic autumn azure bold brave bright brisk calm careful cheerful civil classic clear clever cosmic "
    "cosy crimson crisp curious daring deep distant eager early earnest easy elegant emerald epic even fair faithful "
    "famous fancy fast fearless festive fine fluent fond frank free fresh friendly gentle genuine giant glad golden "
    "graceful grand grateful great green happy hardy hearty helpful honest humble ideal jolly joyful keen kind large "
    "lasting lively loyal lucky lunar mellow merry mild mighty modest neat nimble noble open patient plain polite "
    "proud quick quiet rapid ready regal rosy royal serene sharp silent silver simple sincere smooth snowy soft solar "
    "solid steady sunny sure swift tender tidy true upbeat vivid warm wise witty young"
).split()

NOUNS = (
    "acorn anchor apple aspen badger bamboo beacon bear birch bison breeze bridge brook candle canyon cedar cherry "
    "cliff cloud clover coral cove crane creek crystal daisy dawn deer delta dolphin dove dune eagle echo elm ember "
    "falcon fern field finch fjord flame forest fox garden geyser glacier grove harbor hawk hazel heron hill horizon "
    "island ivy jasmine juniper kestrel lagoon lake lantern lark laurel leaf lily linden lion lotus lynx maple marble "
    "meadow meteor moon moss mountain nest oak oasis ocean olive orchid otter owl palm panda pearl pebble pine planet "
    "plum pond poppy prairie quartz quail rain raven reef ridge river robin rose sage salmon sand shore sky sparrow "
    "spring spruce star stone storm stream summit swan thistle tide tiger trail tulip valley violet walnut wave willow "
    "wind wolf wren"
).split()

_PATTERN = re.compile(r"[a-z]+-[a-z]+-[1-9][0-9]{2}")


def draw(chance: random.Random) -> str:
    """A new id; whether it is free is for the table to say."""
    return f"{chance.choice(ADJECTIVES)}-{chance.choice(NOUNS)}-{chance.randint(100, 999)}"


def is_well_formed(session_id: object) -> bool:
    """True for what could be an id: lower case, 100 to 999 at the end."""
    return isinstance(session_id, str) and _PATTERN.fullmatch(session_id) is not None
