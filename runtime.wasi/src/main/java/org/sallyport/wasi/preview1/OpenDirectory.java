package org.sallyport.wasi.preview1;

import java.io.IOException;
import java.util.List;
import org.sallyport.wasi.fs.Directory;
import org.sallyport.wasi.fs.FileStat;
import org.sallyport.wasi.fs.FileType;

/** A directory the guest has open. Paths given with it stay below it. */
final class OpenDirectory extends Descriptor {
    private final Mount mount;
    private final Directory directory;
    private final List<String> names;
    private final boolean preopened;
    private final DirectoryReader reader;

    /**
     * @param directory open; closed with this one, unless it is the mount's root
     * @param names from the mount's root to here
     * @param preopened whether the guest may ask for its name
     */
    OpenDirectory(
            Mount mount, Directory directory, List<String> names, boolean preopened, long rights, long inheriting) {
        super(rights, inheriting, 0);
        this.mount = mount;
        this.directory = directory;
        this.names = names;
        this.preopened = preopened;
        reader = new DirectoryReader(directory);
    }

    Mount mount() {
        return mount;
    }

    Directory directory() {
        return directory;
    }

    List<String> names() {
        return names;
    }

    boolean isPreopened() {
        return preopened;
    }

    DirectoryReader reader() {
        return reader;
    }

    @Override
    FileType type() {
        return FileType.DIRECTORY;
    }

    @Override
    FileStat stat() throws IOException {
        return directory.stat(Directory.SELF);
    }

    @Override
    void close() throws IOException {
        reader.close();
        if (directory != mount.root()) {
            directory.close();
        }
    }
}
