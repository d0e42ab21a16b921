"""What can go wrong on this machine, each with a message that says what to do next."""


class LocalKafkaError(Exception):
    """A private Kafka cannot be had, for a reason that its message names."""


class NotInstalledError(LocalKafkaError):
    """The optional packages that bring Java and the jars are missing."""


class DownloadError(LocalKafkaError):
    """A jar cannot be fetched."""


class WrongBytesError(LocalKafkaError):
    """A fetched jar is not the one that the lock file names."""


class PortInUseError(LocalKafkaError):
    """Somebody listens on the port asked for."""


class FolderInUseError(LocalKafkaError):
    """Another broker works in the data folder."""


class NoDiskSpaceError(LocalKafkaError):
    """The disk of the data folder or of the cache is nearly full."""


class BrokerFailedError(LocalKafkaError):
    """Java ended, or never answered."""
