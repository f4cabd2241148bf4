internal import ArgumentParser

OverlaydCommand.main()
