from stream_app.domain.fold import Row

class NativeRow(Row):
    def plain(self) -> Row: ...
