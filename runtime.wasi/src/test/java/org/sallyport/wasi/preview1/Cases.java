package org.sallyport.wasi.preview1;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.sallyport.wasi.Preopen;
import org.sallyport.wasi.Wasi;
import org.sallyport.wasi.fs.Errno;

/**
 * Small programs with the answer that POSIX and the specification want, in families that went wrong alike once: the first
 * of each family is the one that was found. Each is played in an empty directory. {@code main} plays all of them, for
 * tests that start it in other surroundings (a locale, another user); see {@link CasesTest}.
 */
final class Cases {
    private interface Script {
        Object play(Cases c) throws IOException;
    }

    record Case(String family, String name, Object want, Script script) {
        @Override
        public String toString() {
            return family + ": " + name;
        }
    }

    private static final long RW = Rights.FILE;
    private static final long SECOND = 1_000_000_000L;
    private static final List<Case> ALL = new ArrayList<>();

    private final Path root;
    private final Guest g;

    private Cases(Path root, Guest guest) {
        this.root = root;
        g = guest;
    }

    static List<Case> all() {
        return List.copyOf(ALL);
    }

    // ---- words of the scripts

    private static void add(String family, String name, Object want, Script script) {
        ALL.add(new Case(family, name, want, script));
    }

    private int file(String path) {
        return g.opened(3, path, Flags.O_CREAT, RW);
    }

    private int directory(String path) {
        mkdir(3, path);
        return g.openedDirectory(3, path);
    }

    private Errno mkdir(int fd, String path) {
        return g.onPath("path_create_directory", fd, path);
    }

    private Errno unlink(int fd, String path) {
        return g.onPath("path_unlink_file", fd, path);
    }

    private Errno rmdir(int fd, String path) {
        return g.onPath("path_remove_directory", fd, path);
    }

    private Errno create(int fd, String path) {
        return g.open(fd, path, Flags.O_CREAT, RW);
    }

    private Errno fdTimes(int fd, long seconds) {
        return g.call("fd_filestat_set_times", fd, 0, seconds * SECOND, Flags.MTIM);
    }

    private Errno pathTimes(int lookup, String path, long access, long modified, int flags) {
        byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
        g.memory.write(Guest.PATH, bytes, 0, bytes.length);
        return g.call(
                "path_filestat_set_times", 3, lookup, Guest.PATH, bytes.length, access * SECOND, modified * SECOND, flags);
    }

    private long modified(int lookup, String path) {
        g.stat(3, lookup, path);
        return g.memory.getLong(Guest.DATA + 48) / SECOND;
    }

    private String stat(int fd) {
        Errno errno = g.call("fd_filestat_get", fd, Guest.DATA);
        return errno + " links " + g.memory.getLong(Guest.DATA + 24) + " size " + g.memory.getLong(Guest.DATA + 32);
    }

    private long size(int lookup, String path) {
        g.stat(3, lookup, path);
        return g.memory.getLong(Guest.DATA + 32);
    }

    private Errno tell(int fd) {
        return g.call("fd_tell", fd, Guest.RESULT);
    }

    private Errno seek(int fd, long offset, int whence) {
        return g.call("fd_seek", fd, offset, whence, Guest.RESULT);
    }

    private Errno narrow(int fd, long rights) {
        return g.call("fd_fdstat_set_rights", fd, rights, 0);
    }

    private int openedWith(String path, long rights, int fdflags) {
        g.open(3, 0, path, Flags.O_CREAT, rights, 0, fdflags);
        return g.result();
    }

    private String many(int count) {
        for (int i = 0; i < count; i++) {
            Errno errno = create(3, "m" + i);
            if (errno != Errno.SUCCESS) {
                return errno.name();
            }
        }
        return "all";
    }

    private static String all(Object... results) {
        StringBuilder text = new StringBuilder();
        for (Object result : results) {
            text.append(text.isEmpty() ? "" : " ").append(result);
        }
        return text.toString();
    }

    // ---- the scripts

    static {
        texts();
        linkTimes();
        renamedFiles();
        renamedDirectories();
        linkCounts();
        positions();
        errors();
    }

    private static void texts() {
        String f = "the text of a link is passed as it is";
        add(f, "with a slash at the end", "f/", c -> {
            c.g.symlink("f/", 3, "l");
            return c.g.readlink(3, "l");
        });
        add(f, "with a dot at the end", "SUCCESS f/. NOTDIR", c -> {
            c.file("f");
            return all(c.g.symlink("f/.", 3, "l"), c.g.readlink(3, "l"), c.g.open(3, "l", 0, RW));
        });
        add(f, "up and down", "d/../f/../d//. 14", c -> {
            c.g.symlink("d/../f/../d//.", 3, "l");
            return all(c.g.readlink(3, "l"), c.size(0, "l"));
        });
        add(f, "with blanks, ends of lines and umlauts", "a\nb  \u00e4 7", c -> {
            c.g.symlink("a\nb  \u00e4", 3, "l");
            return all(c.g.readlink(3, "l"), c.size(0, "l"));
        });
        add(f, "after the link was renamed and linked", "x//y/ x//y/", c -> {
            c.g.symlink("x//y/", 3, "l");
            c.g.rename(3, "l", 3, "m");
            c.g.link(3, 0, "m", 3, "n");
            return all(c.g.readlink(3, "m"), c.g.readlink(3, "n"));
        });
        add(f, "of 4 000 characters", "SUCCESS 4000 true", c -> {
            String text = "t/".repeat(2000);
            return all(c.g.symlink(text, 3, "l"), c.size(0, "l"), c.g.readlink(3, "l").equals(text));
        });
        add(f, "into a buffer that is too small", "SUCCESS 3 d//", c -> {
            c.g.symlink("d//./e/", 3, "l");
            return all(
                    c.g.call("path_readlink", 3, Guest.PATH2, 1, Guest.DATA, 3, Guest.RESULT),
                    c.g.result(),
                    new String(c.g.data(3), StandardCharsets.US_ASCII));
        });
    }

    private static void linkTimes() {
        String f = "times without following are the link's own";
        add(f, "of a link that leads nowhere", Errno.SUCCESS, c -> {
            c.g.symlink("f", 3, "l");
            return c.pathTimes(0, "l", 0, 0, Flags.ATIM | Flags.MTIM);
        });
        add(f, "of a link to itself", "SUCCESS 5 LOOP", c -> {
            c.g.symlink("l", 3, "l");
            return all(c.pathTimes(0, "l", 0, 5, Flags.MTIM), c.modified(0, "l"), c.pathTimes(1, "l", 0, 5, Flags.MTIM));
        });
        add(f, "not of what a directory on the way leads to", "SUCCESS 6 true", c -> {
            c.directory("d");
            c.g.symlink("x", 3, "d/l");
            c.g.symlink("d", 3, "e");
            return all(c.pathTimes(0, "e/l", 0, 6, Flags.MTIM), c.modified(0, "d/l"), c.modified(0, "e") > 1000);
        });
        add(f, "but for a slash at the end", "SUCCESS 7 true", c -> {
            c.directory("d");
            c.g.symlink("d", 3, "l");
            return all(c.pathTimes(0, "l/", 0, 7, Flags.MTIM), c.modified(0, "d"), c.modified(0, "l") > 1000);
        });
        add(f, "set to now", "SUCCESS true 8", c -> {
            c.file("f");
            c.g.symlink("f", 3, "l");
            c.pathTimes(1, "l", 0, 8, Flags.MTIM);
            c.pathTimes(0, "l", 0, 9, Flags.MTIM);
            return all(c.pathTimes(0, "l", 0, 0, Flags.MTIM_NOW), c.modified(0, "l") > 1000, c.modified(1, "l"));
        });
        add(f, "one left as it is", "SUCCESS SUCCESS 10 11", c -> {
            c.g.symlink("nowhere", 3, "l");
            Errno first = c.pathTimes(0, "l", 11, 10, Flags.ATIM | Flags.MTIM);
            Errno second = c.pathTimes(0, "l", 11, 99, Flags.ATIM);
            return all(first, second, c.modified(0, "l"), c.g.memory.getLong(Guest.DATA + 40) / SECOND);
        });
        add(f, "with both flags of one time", Errno.INVAL, c -> {
            c.g.symlink("f", 3, "l");
            return c.pathTimes(0, "l", 0, 0, Flags.MTIM | Flags.MTIM_NOW);
        });
    }

    private static void renamedFiles() {
        String f = "an open file stays the same file";
        add(f, "renamed", Errno.SUCCESS, c -> {
            int fd = c.file("a");
            c.g.rename(3, "a", 3, "b");
            return c.fdTimes(fd, 0);
        });
        add(f, "with another renamed over it", "SUCCESS SUCCESS links 0 size 0 3", c -> {
            int fd = c.file("a");
            c.g.write(c.file("b"), "new");
            c.g.rename(3, "b", 3, "a");
            return all(c.fdTimes(fd, 5), c.stat(fd), c.size(0, "a"));
        });
        add(f, "moved to another directory, its own moved, too", "SUCCESS 5", c -> {
            c.directory("d");
            c.directory("e");
            int fd = c.file("d/a");
            c.g.rename(3, "d/a", 3, "e/b");
            c.g.rename(3, "e", 3, "d/e");
            return all(c.fdTimes(fd, 5), c.modified(0, "d/e/b"));
        });
        add(f, "its name made again", "SUCCESS true 4", c -> {
            int fd = c.file("a");
            c.g.write(fd, "1234");
            c.unlink(3, "a");
            c.file("a");
            Errno errno = c.fdTimes(fd, 5);
            return all(errno, c.modified(0, "a") > 1000, c.stat(fd).substring(c.stat(fd).length() - 1));
        });
        add(f, "its name taken by a link to itself", "SUCCESS 2 LOOP", c -> {
            int fd = c.file("a");
            c.unlink(3, "a");
            c.g.symlink("a", 3, "a");
            Errno errno = c.g.call("fd_filestat_set_size", fd, 2);
            c.g.call("fd_filestat_get", fd, Guest.DATA);
            return all(errno, c.g.memory.getLong(Guest.DATA + 32), c.g.open(3, "a", 0, RW));
        });
        add(f, "exchanged with a directory", "SUCCESS SUCCESS links 1 size 0 ISDIR", c -> {
            int fd = c.file("a");
            c.directory("d");
            c.g.rename(3, "a", 3, "t");
            c.g.rename(3, "d", 3, "a");
            return all(c.fdTimes(fd, 5), c.stat(fd), c.g.open(3, "a", 0, RW));
        });
    }

    private static void renamedDirectories() {
        String f = "an open directory stays the same directory";
        add(f, "made in after it was renamed", Errno.SUCCESS, c -> {
            int d = c.directory("d");
            c.g.rename(3, "d", 3, "e");
            return c.mkdir(d, "z");
        });
        add(f, "files made, read and removed in it", "SUCCESS SUCCESS SUCCESS NOENT", c -> {
            int d = c.directory("d");
            c.g.rename(3, "d", 3, "e");
            return all(c.create(d, "f"), c.g.open(3, "e/f", 0, RW), c.unlink(d, "f"), c.g.open(3, "e/f", 0, RW));
        });
        add(f, "links made in it, and out of it", "SUCCESS SUCCESS t SUCCESS", c -> {
            int d = c.directory("d");
            c.file("d/f");
            c.g.rename(3, "d", 3, "e");
            return all(
                    c.g.symlink("t", d, "l"), c.g.link(d, 0, "f", 3, "out"), c.g.readlink(3, "e/l"), c.g.rename(d, "f", 3, "g"));
        });
        add(f, "another made under its name", "SUCCESS SUCCESS NOENT", c -> {
            int d = c.directory("d");
            c.g.rename(3, "d", 3, "e");
            c.directory("d");
            return all(c.mkdir(d, "in"), c.g.stat(3, 0, "e/in"), c.g.stat(3, 0, "d/in"));
        });
        add(f, "removed, and so empty for ever", "SUCCESS NOENT NOENT NOENT NOENT", c -> {
            int d = c.directory("d");
            return all(c.rmdir(3, "d"), c.create(d, "f"), c.mkdir(d, "e"), c.g.symlink("t", d, "l"), c.g.open(d, "x", 0, RW));
        });
        add(f, "its name a link that leads elsewhere", "SUCCESS NOENT", c -> {
            int d = c.directory("d");
            c.directory("other");
            c.g.rename(3, "d", 3, "e");
            c.g.symlink("other", 3, "d");
            return all(c.mkdir(d, "in"), c.g.stat(3, 0, "other/in"));
        });
        add(f, "moved down, with its times set", "SUCCESS 5", c -> {
            int d = c.directory("d");
            c.directory("deep");
            c.g.rename(3, "d", 3, "deep/d");
            return all(c.fdTimes(d, 5), c.modified(0, "deep/d"));
        });
    }

    private static void linkCounts() {
        String f = "links of an open file are counted now";
        add(f, "unlinked", "SUCCESS links 0 size 0", c -> {
            int fd = c.file("a");
            c.unlink(3, "a");
            return c.stat(fd);
        });
        add(f, "linked twice, unlinked once", "SUCCESS links 3 size 0 SUCCESS links 2 size 0", c -> {
            int fd = c.file("a");
            c.g.link(3, 0, "a", 3, "b");
            c.g.link(3, 0, "a", 3, "c");
            String before = c.stat(fd);
            c.unlink(3, "a");
            return all(before, c.stat(fd));
        });
        add(f, "written when it has no name", "SUCCESS links 0 size 5", c -> {
            int fd = c.file("a");
            c.unlink(3, "a");
            c.g.write(fd, "12345");
            return c.stat(fd);
        });
        add(f, "renamed over one of its own names", "SUCCESS links 2 size 0", c -> {
            int fd = c.file("a");
            c.g.link(3, 0, "a", 3, "b");
            c.g.rename(3, "a", 3, "b");
            return c.stat(fd);
        });
        add(f, "replaced by a rename", "SUCCESS links 0 size 0 SUCCESS links 1 size 0", c -> {
            int a = c.file("a");
            int b = c.file("b");
            c.g.rename(3, "b", 3, "a");
            return all(c.stat(a), c.stat(b));
        });
        add(f, "opened twice", "SUCCESS links 0 size 3 3", c -> {
            int a = c.file("a");
            int again = c.g.opened(3, "a", 0, RW);
            c.unlink(3, "a");
            c.g.write(a, "abc");
            return all(c.stat(again), c.g.read(again, 9).length());
        });
    }

    private static void positions() {
        String f = "the right to seek is also that to tell";
        long seek = Rights.FD_READ | Rights.FD_WRITE | Rights.FD_SEEK;
        add(f, "opened with it", Errno.SUCCESS, c -> c.tell(c.openedWith("a", seek, 0)));
        add(f, "after narrowing", "SUCCESS SUCCESS SUCCESS", c -> {
            int fd = c.file("a");
            return all(c.narrow(fd, Rights.FD_SEEK), c.tell(fd), c.seek(fd, 0, Flags.WHENCE_CUR));
        });
        add(f, "but not the other way round", "SUCCESS SUCCESS NOTCAPABLE NOTCAPABLE", c -> {
            int fd = c.openedWith("a", Rights.FD_READ | Rights.FD_TELL, 0);
            return all(
                    c.tell(fd),
                    c.seek(fd, 0, Flags.WHENCE_CUR),
                    c.seek(fd, 0, Flags.WHENCE_SET),
                    c.seek(fd, 1, Flags.WHENCE_CUR));
        });
        add(f, "of a descriptor that got another number", "SUCCESS SUCCESS", c -> {
            int fd = c.openedWith("a", seek, 0);
            int other = c.openedWith("b", Rights.FD_READ, 0);
            return all(c.g.call("fd_renumber", fd, other), c.tell(other));
        });
        add(f, "handed down by a directory", "SUCCESS SUCCESS", c -> {
            c.file("a");
            c.g.open(3, 0, ".", Flags.O_DIRECTORY, Rights.DIRECTORY, Rights.FD_SEEK, 0);
            int d = c.g.result();
            Errno errno = c.g.open(d, 0, "a", 0, Rights.FD_TELL, 0, 0);
            return all(errno, c.tell(c.g.result()));
        });
        add(f, "where it appends", "SUCCESS 3", c -> {
            int fd = c.openedWith("a", seek, Flags.FD_APPEND);
            c.g.write(fd, "123");
            return all(c.tell(fd), c.g.memory.getLong(Guest.RESULT));
        });
        add(f, "none of both", "NOTCAPABLE NOTCAPABLE", c -> {
            int fd = c.openedWith("a", Rights.FD_READ, 0);
            return all(c.tell(fd), c.seek(fd, 0, Flags.WHENCE_CUR));
        });
    }

    private static void errors() {
        String f = "errors are numbers, whatever language the system speaks";
        add(f, "a directory into itself", Errno.INVAL, c -> {
            c.directory("d");
            return c.g.rename(3, "d", 3, "d/x");
        });
        add(f, "through a file", "NOTDIR NOTDIR NOTDIR", c -> {
            c.file("f");
            return all(c.mkdir(3, "f/d"), c.g.open(3, "f/a", 0, RW), c.rmdir(3, "f"));
        });
        add(f, "onto a directory that is not empty", "NOTEMPTY NOTEMPTY", c -> {
            c.directory("d");
            c.file("d/f");
            c.directory("e");
            return all(c.g.rename(3, "e", 3, "d"), c.rmdir(3, "d"));
        });
        add(f, "files and directories taken for each other", "ISDIR NOTDIR ISDIR", c -> {
            c.directory("d");
            c.file("f");
            return all(c.g.rename(3, "f", 3, "d"), c.g.rename(3, "d", 3, "f"), c.g.open(3, "d", 0, RW));
        });
        add(f, "a name that is too long", "NAMETOOLONG NAMETOOLONG", c -> {
            String name = "n".repeat(256);
            return all(c.create(3, name), c.mkdir(3, name));
        });
        add(f, "links in a circle", "LOOP LOOP", c -> {
            c.g.symlink("b", 3, "a");
            c.g.symlink("a", 3, "b");
            return all(c.g.open(3, "a", 0, RW), c.g.stat(3, 1, "b/x"));
        });
        add(f, "what is there, and what is not", "EXIST EXIST EXIST NOENT NOENT", c -> {
            c.file("f");
            String there = all(c.mkdir(3, "f"), c.g.symlink("x", 3, "f"), c.g.link(3, 0, "f", 3, "f"));
            return all(there, c.unlink(3, "g"), c.rmdir(3, "g"));
        });
        add(f, "a second name for a directory", Errno.PERM, c -> {
            c.directory("d");
            return c.g.link(3, 0, "d", 3, "e");
        });
        add(f, "larger than any file", Errno.FBIG, c -> c.g.call("fd_filestat_set_size", c.file("f"), Long.MAX_VALUE));
        add(f, "too many open files", Errno.MFILE.name(), c -> c.many(2000));
    }

    // ---- playing

    /** @param directory empty */
    static String play(Case one, Path directory) throws IOException {
        Wasi wasi = Wasi.defaults().withPreopen(new Preopen(directory, "/", Preopen.Access.READ_WRITE));
        try (Guest guest = new Guest(wasi, 8)) {
            return String.valueOf(one.script.play(new Cases(directory, guest)));
        } catch (AssertionError | RuntimeException e) {
            return e.toString();
        }
    }

    /** Writes each case with another answer than wanted to the answers, and how many were played. */
    public static void main(String[] args) throws IOException {
        Path root = Path.of(args[0]);
        StringBuilder answers = new StringBuilder();
        for (Case one : all()) {
            Path directory = Files.createDirectory(root.resolve("case"));
            String answer = play(one, directory);
            if (!answer.equals(one.want.toString())) {
                answers.append(one).append(": ").append(answer).append('\n');
            }
            delete(directory);
        }
        FreshJvm.tell(args, answers.append(all().size()));
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
