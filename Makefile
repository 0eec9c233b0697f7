# Two commands do everything; dev.py does the work, also where there is no make.
PYTHON ?= python3

.PHONY: demo test lint lock clean
demo test lint lock clean:
	@$(PYTHON) dev.py $@
