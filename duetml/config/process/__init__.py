"""Starting, watching and stopping the processes of one machine: broker, web, workers and beat.

programs    which processes there are, and their command lines
broker      the configuration of the private broker
supervisor  the supervisor's configuration, and asking it how its children are
orphans     what a killed parent left behind
ports       whether the web address is free
together    all of it, in the foreground, until somebody asks to stop
readiness   waiting until pages are served and every worker answers
"""
