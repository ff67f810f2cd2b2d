print("arc")
