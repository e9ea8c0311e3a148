package org.sallyport.wasi.preview1;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sallyport.wasi.fs.Directory;
import org.sallyport.wasi.fs.FileStat;
import org.sallyport.wasi.fs.FileType;
import org.sallyport.wasi.fs.Listing;

/** A directory the guest has open. Paths given with it stay below it. */
final class OpenDirectory extends Descriptor {
    private final Mount mount;
    private final Directory directory;
    private final List<String> names;
    private final boolean preopened;
    private @Nullable Listing listing;

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

    /** Its entries, for all calls that ask for them. */
    Listing listing() throws IOException {
        Listing open = listing;
        if (open == null) {
            open = directory.list();
            listing = open;
        }
        return open;
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
    int cost() {
        return directory == mount.root() ? 0 : directory.descriptors();
    }

    @Override
    void close() throws IOException {
        Listing open = listing;
        if (open != null) {
            open.close();
        }
        if (directory != mount.root()) {
            directory.close();
        }
    }
}
