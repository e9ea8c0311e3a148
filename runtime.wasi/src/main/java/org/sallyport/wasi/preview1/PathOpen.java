package org.sallyport.wasi.preview1;

import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.OpenOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.sallyport.wasi.fs.Directory;
import org.sallyport.wasi.fs.Errno;
import org.sallyport.wasi.fs.ErrnoException;
import org.sallyport.wasi.fs.FileStat;
import org.sallyport.wasi.fs.GuestPath;
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
        OpenDirectory base = process.directory(fd, Rights.PATH_OPEN);
        if ((lookup & ~Flags.LOOKUP_FOLLOW) != 0 || (oflags & ~Flags.O_ALL) != 0 || (fdflags & ~Flags.FD_ALL) != 0) {
            throw Errno.INVAL.exception();
        }
        memory.check(result, 4);
        GuestPath name = GuestPath.parse(memory.path(path, length));
        process.fds().needRoom();
        PathOpen open = new PathOpen(process, base, oflags, rights, inheriting, fdflags);
        open.checkRights();
        boolean exclusive = open.wants(Flags.O_CREAT) && open.wants(Flags.O_EXCL);
        boolean follow = !exclusive && (lookup != 0 || name.directory());
        try (Place place = PathWalk.resolve(base.directory(), name, follow)) {
            Descriptor opened = open.at(place, exclusive);
            memory.setInt(result, process.fds().add(opened));
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
        if ((rights & Rights.INHERITED & ~base.inheriting()) != 0) {
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
            case REGULAR_FILE -> openFile(place, found);
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
        Directory directory = place.directory().openDirectory(place.name());
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
        Set<OpenOption> options = options();
        options.add(StandardOpenOption.WRITE);
        options.add(wants(Flags.O_EXCL) ? StandardOpenOption.CREATE_NEW : StandardOpenOption.CREATE);
        return opened(place, place.directory().openFile(place.name(), options), null);
    }

    private Descriptor openFile(Place place, FileStat found) throws IOException {
        if (wants(Flags.O_DIRECTORY) || place.mustBeDirectory()) {
            throw Errno.NOTDIR.exception();
        }
        Set<OpenOption> options = options();
        if (wants(Flags.O_TRUNC)) {
            base.mount().needWritable();
            options.add(StandardOpenOption.WRITE);
            options.add(StandardOpenOption.TRUNCATE_EXISTING);
        }
        return opened(place, place.directory().openFile(place.name(), options), found);
    }

    private Descriptor opened(Place place, SeekableByteChannel channel, @Nullable FileStat found) throws IOException {
        try {
            FileStat stat = found != null ? found : place.directory().attributes(place.name());
            List<String> names = new ArrayList<>(base.names());
            names.addAll(place.names());
            return new OpenFile(
                    base.mount(),
                    channel,
                    List.copyOf(names),
                    place.name(),
                    stat,
                    rights & Rights.FILE,
                    inheriting & base.inheriting(),
                    fdflags);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /**
     * How the host opens it; writing is asked for only when the guest may write, so that a read-only file can be
     * opened.
     */
    private Set<OpenOption> options() throws ErrnoException {
        EnumSet<StandardOpenOption> options = EnumSet.noneOf(StandardOpenOption.class);
        if ((rights & Rights.FD_WRITE) != 0) {
            base.mount().needWritable();
            options.add(StandardOpenOption.WRITE);
        }
        if ((rights & Rights.FD_READ) != 0 || (rights & Rights.FD_WRITE) == 0) {
            options.add(StandardOpenOption.READ);
        }
        if ((fdflags & (Flags.FD_SYNC | Flags.FD_RSYNC)) != 0) {
            options.add(StandardOpenOption.SYNC);
        } else if ((fdflags & Flags.FD_DSYNC) != 0) {
            options.add(StandardOpenOption.DSYNC);
        }
        return new HashSet<>(options);
    }
}
