"""What tests are made with: workbooks, planted faults, a second reckoning, a browser, the command."""
