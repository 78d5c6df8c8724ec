import os
import sys
from pathlib import Path

from hypothesis import settings

# The plain twins stand beside the test folders, which pytest does not put on the path.
sys.path.insert(0, str(Path(__file__).parent))

# That kernels are compiled is told on stderr, which tests of commands read.
os.environ["CANDOR_QUIET"] = "1"

# A deadline times the machine, not the code.
settings.register_profile("no deadline", deadline=None, max_examples=50)
settings.load_profile("no deadline")
