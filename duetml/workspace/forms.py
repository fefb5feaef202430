"""An uploaded file on its way in: bounded while it arrives."""

from uuid import UUID

from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from pydantic import AwareDatetime, BaseModel, ConfigDict

from duetml.workspace.services.files import LIMITS


class UploadFields(BaseModel):
    """What comes with the file. `batch`: of files that came together from a folder or zip file."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    at: AwareDatetime | None = None
    category: UUID | None = None
    batch: UUID | None = None


class Bounded(FileUploadHandler):
    """Stops reading a file that is larger than a picture may be, whatever was said of its length.

    First in the list of handlers, so that nothing beyond the limit is kept anywhere.
    """

    def __init__(self) -> None:
        super().__init__()
        self.refused_name: str | None = None
        self._received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self._received += len(raw_data)
        if self._received > LIMITS.max_bytes:
            self.refused_name = self.file_name or ""
            raise StopUpload(connection_reset=False)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None  # a later handler has the file
