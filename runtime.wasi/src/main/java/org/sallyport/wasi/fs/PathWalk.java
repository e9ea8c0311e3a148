package org.sallyport.wasi.fs;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Resolves a guest's path from a directory, name by name (WASI preview 1, "path resolution"). Each directory on the
 * way is opened without following links, relative to the one before; symbolic links are read and their names put in
 * front of what is left. So whatever a link says, and whatever others rename meanwhile, the walk never stands outside
 * of the directory it began in. {@code ..} goes back by walking again from the start, so that one walk holds one
 * directory open however deep the path.
 */
public final class PathWalk {
    /** More symbolic links on one way are taken for a loop, as on Linux. */
    static final int MAX_LINKS = 40;

    /**
     * Names looked at in one walk, again after each {@code ..} and each link: links times {@code ..} times depth would
     * be tens of millions. More is taken for a loop as well.
     */
    static final int MAX_STEPS = 40_000;

    private final Directory base;
    private final boolean follow;
    /** Whether the directory that the whole path leads to is gone into. */
    private final boolean enter;
    private final Deque<String> left = new ArrayDeque<>();
    private final List<String> names = new ArrayList<>();
    private Directory current;
    private boolean mustBeDirectory;
    private boolean creates;
    private int links;
    private int steps;

    private PathWalk(Directory base, List<String> names, boolean directory, boolean follow, boolean enter) {
        this.base = base;
        this.follow = follow;
        this.enter = enter;
        current = base;
        left.addAll(names);
        mustBeDirectory = directory;
    }

    /**
     * @param base stays open and belongs to the caller
     * @param follow whether a symbolic link as the last name is followed
     * @throws ErrnoException {@code NOTCAPABLE} if the path leads out of {@code base}; {@code NOENT}, {@code NOTDIR}
     *     or {@code LOOP} on the way
     * @throws org.sallyport.GuestInterruptedException if the call is to end before the walk does
     */
    public static Place resolve(Directory base, GuestPath path, boolean follow) throws IOException {
        return resolve(new PathWalk(base, path.names(), path.directory(), follow, false));
    }

    /**
     * As {@link #resolve(Directory, GuestPath, boolean)} for a file that is made if there is none.
     *
     * @throws ErrnoException also {@code ISDIR} if the path or the text of a last link ends as only that of a directory
     *     does, whatever is there
     */
    public static Place resolveToCreate(Directory base, GuestPath path, boolean follow) throws IOException {
        PathWalk walk = new PathWalk(base, path.names(), path.directory(), follow, false);
        walk.creates = true;
        return resolve(walk);
    }

    private static Place resolve(PathWalk walk) throws IOException {
        try {
            return walk.run();
        } catch (IOException | RuntimeException e) {
            walk.closeCurrent();
            throw e;
        }
    }

    /**
     * The directory in which a path's last name is, and that name as it is written, with a slash behind it or {@code .}
     * or {@code ..}: for {@linkplain Directory#isExact exact} directories, which know what to say to such names where
     * one is made or removed.
     *
     * @throws ErrnoException as {@link #resolve}
     */
    public static Place parent(Directory base, GuestPath path) throws IOException {
        PathWalk walk = new PathWalk(base, path.parent(), path.directory(), true, true);
        try {
            walk.run();
            if (path.last().equals(GuestPath.UP) && walk.names.isEmpty()) {
                throw Errno.NOTCAPABLE.exception();
            }
            return walk.place(path.lastWithSlash(), null);
        } catch (IOException | RuntimeException e) {
            walk.closeCurrent();
            throw e;
        }
    }

    /** Opens a directory again by the names that once led to it, none of which may be a link now. */
    public static Place reopen(Directory base, List<String> names, String last) throws IOException {
        PathWalk walk = new PathWalk(base, List.of(), false, false, false);
        try {
            for (String name : names) {
                walk.down(name);
            }
            return walk.place(last, null);
        } catch (IOException | RuntimeException e) {
            walk.closeCurrent();
            throw e;
        }
    }

    private Place run() throws IOException {
        while (!left.isEmpty()) {
            step();
            String name = left.removeFirst();
            boolean last = left.isEmpty() && !enter;
            if (last && creates && mustBeDirectory) {
                throw Errno.ISDIR.exception();
            } else if (name.equals(GuestPath.UP)) {
                up();
            } else if (last && !follow) {
                return place(name, null);
            } else {
                FileStat found = look(name);
                if (found == null && last) {
                    return place(name, null);
                } else if (found == null) {
                    throw Errno.NOENT.exception();
                } else if (found.type() == FileType.SYMBOLIC_LINK) {
                    expand(name, last);
                } else if (last) {
                    return place(name, found);
                } else if (found.type() == FileType.DIRECTORY) {
                    down(name);
                } else {
                    throw Errno.NOTDIR.exception();
                }
            }
        }
        return place(Directory.SELF, null);
    }

    private @Nullable FileStat look(String name) throws IOException {
        try {
            return current.attributes(name);
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    private void expand(String name, boolean last) throws IOException {
        if (++links > MAX_LINKS) {
            throw Errno.LOOP.exception();
        }
        GuestPath target = GuestPath.parse(current.readLink(name));
        for (String step : target.names().reversed()) {
            left.addFirst(step);
        }
        mustBeDirectory |= last && target.directory();
    }

    /** One more step. @throws ErrnoException {@code LOOP} if it is one too many */
    private void step() throws ErrnoException {
        if (++steps > MAX_STEPS) {
            throw Errno.LOOP.exception();
        }
        Waiting.check();
    }

    private void down(String name) throws IOException {
        step();
        Directory next = current.openDirectory(name);
        closeCurrent();
        current = next;
        names.add(name);
    }

    private void up() throws IOException {
        if (names.isEmpty()) {
            throw Errno.NOTCAPABLE.exception();
        }
        List<String> parent = List.copyOf(names.subList(0, names.size() - 1));
        closeCurrent();
        names.clear();
        for (String name : parent) {
            down(name);
        }
    }

    private Place place(String name, @Nullable FileStat seen) {
        return new Place(current, name, List.copyOf(names), mustBeDirectory, current != base, seen);
    }

    private void closeCurrent() throws IOException {
        Closeable old = current;
        current = base;
        if (old != base) {
            old.close();
        }
    }
}
