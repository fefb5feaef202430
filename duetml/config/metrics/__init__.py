"""Numbers for Prometheus. Every process counts for itself and adds what it counted to the broker's
hash every other second, so that any web process can answer for all of them, on all machines.

tally      counting within a process
shared     adding up, and what the processes say of themselves: sockets, queues served, last sweep
requests   counts requests         sockets   counts open sockets        jobs   counts jobs
text       the answer to /metrics
"""
