package org.sallyport.wasi.preview1;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.sallyport.wasi.fs.Directory;
import org.sallyport.wasi.fs.Errno;
import org.sallyport.wasi.fs.ErrnoException;
import org.sallyport.wasi.fs.FileStat;
import org.sallyport.wasi.fs.GuestPath;
import org.sallyport.wasi.fs.HostFile;
import org.sallyport.wasi.fs.OpenMode;
import org.sallyport.wasi.fs.PathWalk;
import org.sallyport.wasi.fs.Place;

/** {@code path_open}: what is wanted, checked against what the directory allows and what is there. */
final class PathOpen {
    private final Process process;
    private final OpenDirectory base;
    private final int oflags;
    private final long rights;
    private final long inheriting;
    private final int fdflags;

    private PathOpen(Process process, OpenDirectory base, int oflags, long rights, long inheriting, int fdflags) {
        this.process = process;
        this.base = base;
        this.oflags = oflags;
        this.rights = rights;
        this.inheriting = inheriting;
        this.fdflags = fdflags;
    }

    static void open(
            Process process,
            GuestMemory memory,
            int fd,
            int lookup,
            int path,
            int length,
            int oflags,
            long rights,
            long inheriting,
            int fdflags,
            int result)
            throws IOException {
        GuestPath name = GuestPath.parse(memory.path(path, length));
        OpenDirectory base = process.directory(fd, Rights.PATH_OPEN);
        if ((lookup & ~Flags.LOOKUP_FOLLOW) != 0 || (oflags & ~Flags.O_ALL) != 0 || (fdflags & ~Flags.FD_ALL) != 0) {
            throw Errno.INVAL.exception();
        }
        memory.check(result, 4);
        process.fds().needRoom();
        PathOpen open = new PathOpen(process, base, oflags, rights, inheriting, fdflags);
        open.checkRights();
        boolean exclusive = open.wants(Flags.O_CREAT) && open.wants(Flags.O_EXCL);
        if (open.wants(Flags.O_CREAT) && name.directory()) {
            PathWalk.parent(base.directory(), name).close();
            throw exclusive && name.dotLast() ? Errno.EXIST.exception() : Errno.ISDIR.exception();
        }
        boolean follow = !exclusive && (lookup != 0 || name.directory());
        try (Place place = open.wants(Flags.O_CREAT)
                ? PathWalk.resolveToCreate(base.directory(), name, follow)
                : PathWalk.resolve(base.directory(), name, follow)) {
            memory.setInt(result, process.fds().add(open.at(place, exclusive)));
        }
    }

    private boolean wants(int oflag) {
        return (oflags & oflag) != 0;
    }

    /**
     * Rights that the base directory does not hand on cannot be had; flags need rights of their own (WASI preview 1,
     * "rights").
     */
    private void checkRights() throws ErrnoException {
        if (!Rights.contain(base.inheriting(), rights & Rights.INHERITED)) {
            throw Errno.NOTCAPABLE.exception();
        }
        if (wants(Flags.O_CREAT)) {
            base.need(Rights.PATH_CREATE_FILE);
        }
        if (wants(Flags.O_TRUNC)) {
            base.need(Rights.PATH_FILESTAT_SET_SIZE);
        }
        if (wants(Flags.O_CREAT) && wants(Flags.O_DIRECTORY)) {
            throw Errno.INVAL.exception();
        }
    }

    private Descriptor at(Place place, boolean exclusive) throws IOException {
        FileStat found = place.find();
        if (found == null) {
            return create(place);
        }
        if (exclusive) {
            throw Errno.EXIST.exception();
        }
        return switch (found.type()) {
            case DIRECTORY -> openDirectory(place);
            case REGULAR_FILE -> openFile(place);
            case SYMBOLIC_LINK -> throw wants(Flags.O_DIRECTORY) ? Errno.NOTDIR.exception() : Errno.LOOP.exception();
            // devices, sockets and pipes: opening one may act on the host or wait forever
            default -> throw Errno.ACCES.exception();
        };
    }

    private Descriptor openDirectory(Place place) throws IOException {
        if (wants(Flags.O_CREAT) || wants(Flags.O_TRUNC) || (rights & Rights.FD_WRITE) != 0) {
            throw Errno.ISDIR.exception();
        }
        List<String> names = new ArrayList<>(base.names());
        names.addAll(place.names());
        if (!place.isSelf()) {
            names.add(place.name());
        }
        boolean listed = (rights & (Rights.FD_READDIR | Rights.FD_READ)) != 0;
        Directory directory = listed
                ? place.directory().openListable(place.name())
                : place.directory().openDirectory(place.name());
        return new OpenDirectory(
                base.mount(),
                directory,
                List.copyOf(names),
                false,
                rights & Rights.DIRECTORY,
                inheriting & base.inheriting());
    }

    private Descriptor create(Place place) throws IOException {
        if (!wants(Flags.O_CREAT)) {
            throw Errno.NOENT.exception();
        }
        if (place.mustBeDirectory()) {
            throw Errno.ISDIR.exception();
        }
        base.mount().needWritable();
        return opened(place, true);
    }

    private Descriptor openFile(Place place) throws IOException {
        if (wants(Flags.O_DIRECTORY) || place.mustBeDirectory()) {
            throw Errno.NOTDIR.exception();
        }
        return opened(place, false);
    }

    private Descriptor opened(Place place, boolean create) throws IOException {
        if (wants(Flags.O_TRUNC) || (rights & Rights.FD_WRITE) != 0) {
            base.mount().needWritable();
        }
        List<String> names = new ArrayList<>(base.names());
        names.addAll(place.names());
        List<String> way = List.copyOf(names);
        Directory root = base.mount().root();
        HostFile file = place.directory()
                .openFile(place.name(), mode(create), () -> PathWalk.reopen(root, way, place.name()));
        return new OpenFile(base.mount(), file, rights & Rights.FILE, inheriting & base.inheriting(), fdflags);
    }

    /**
     * How the host opens it; writing is asked for only when the guest may write, so that a read-only file can be
     * opened.
     */
    private OpenMode mode(boolean create) {
        boolean write = (rights & Rights.FD_WRITE) != 0;
        return new OpenMode(
                (rights & Rights.FD_READ) != 0 || !write,
                write,
                (fdflags & Flags.FD_APPEND) != 0,
                create,
                create && wants(Flags.O_EXCL),
                wants(Flags.O_TRUNC),
                (fdflags & (Flags.FD_SYNC | Flags.FD_RSYNC)) != 0,
                (fdflags & Flags.FD_DSYNC) != 0);
    }
}
