# Two commands do everything; dev.py does the work, also where there is no make.
PYTHON ?= python3

.PHONY: demo test test-localstack test-ministack lint lock tools clean
demo test test-localstack test-ministack lint lock tools clean:
	@$(PYTHON) dev.py $@
