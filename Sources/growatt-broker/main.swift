print("growatt-broker")
