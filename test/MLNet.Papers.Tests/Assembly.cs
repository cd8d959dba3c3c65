// torch's random generator and its threads belong to the process: tests run one after the other.
[assembly: DoNotParallelize]
