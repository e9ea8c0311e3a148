package org.sallyport.wasi.preview1;

import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.sallyport.Caller;
import org.sallyport.Extern;
import org.sallyport.Func;
import org.sallyport.HostFunction;
import org.sallyport.Instance;
import org.sallyport.LinkedModule;
import org.sallyport.Linker;
import org.sallyport.Memory;
import org.sallyport.Module;
import org.sallyport.NoSuchExportException;
import org.sallyport.SharedMemory;
import org.sallyport.Store;
import org.sallyport.wasi.Wasi;
import org.sallyport.wasi.WasiProcess;
import org.sallyport.wasi.fs.Errno;
import org.sallyport.wasm.FuncType;

/**
 * Plays a guest: calls the host functions through the handles that a linker gets, with a memory of its own. Scratch
 * addresses: paths at {@link #PATH} and {@link #PATH2}, results at {@link #RESULT}, data at {@link #DATA}.
 */
final class Guest implements AutoCloseable {
    static final int RESULT = 16;
    static final int IOV = 64;
    static final int PATH = 0x1000;
    static final int PATH2 = 0x3000;
    static final int DATA = 0x8000;
    static final long ALL = Rights.INHERITED;

    final FakeMemory memory;
    final FakeStore store;
    private final Map<String, MethodHandle> functions = new HashMap<>();
    private final Caller caller = new FakeCaller();

    Guest(Wasi wasi) {
        this(wasi, 4);
    }

    Guest(Wasi wasi, int pages) {
        this(wasi, pages, new FakeStore());
    }

    Guest(Wasi wasi, int pages, FakeStore store) {
        this.store = store;
        memory = new FakeMemory(pages);
        wasi.addTo(new RecordingLinker());
        wasi.attachTo(store);
    }

    /** A guest whose process is made with its first call. */
    static Guest withoutProcess(Wasi wasi) {
        Guest guest = new Guest(wasi);
        guest.close();
        guest.store.attach(WasiProcess.class, null);
        return guest;
    }

    Map<String, MethodHandle> functions() {
        return functions;
    }

    WasiProcess process() {
        WasiProcess process = store.attachment(WasiProcess.class);
        if (process == null) {
            throw new AssertionError("no process");
        }
        return process;
    }

    /** Calls a function; numbers may be written as int where the function wants long. */
    Errno call(String name, Number... args) {
        MethodHandle handle = functions.get(name);
        Object[] all = new Object[args.length + 1];
        all[0] = caller;
        for (int i = 0; i < args.length; i++) {
            boolean wide = handle.type().parameterType(i + 1) == long.class;
            all[i + 1] = wide ? (Object) args[i].longValue() : (Object) args[i].intValue();
        }
        try {
            return Errno.values()[(int) handle.invokeWithArguments(all)];
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    private int put(int address, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        memory.write(address, bytes, 0, bytes.length);
        return bytes.length;
    }

    /** {@code function(fd, path…)} for the functions that take nothing else. */
    Errno onPath(String function, int fd, String path) {
        return call(function, fd, PATH, put(PATH, path));
    }

    Errno onPath(String function, int fd, byte[] path) {
        memory.write(PATH, path, 0, path.length);
        return call(function, fd, PATH, path.length);
    }

    Errno open(int fd, String path, int oflags, long rights) {
        return open(fd, Flags.LOOKUP_FOLLOW, path, oflags, rights, ALL, 0);
    }

    Errno open(int fd, int lookup, String path, int oflags, long rights, long inheriting, int fdflags) {
        return call("path_open", fd, lookup, PATH, put(PATH, path), oflags, rights, inheriting, fdflags, RESULT);
    }

    /** Opens and returns the descriptor. */
    int opened(int fd, String path, int oflags, long rights) {
        Errno errno = open(fd, path, oflags, rights);
        if (errno != Errno.SUCCESS) {
            throw new AssertionError("opening " + path + ": " + errno);
        }
        return memory.getInt(RESULT);
    }

    int openedForReading(int fd, String path) {
        return opened(fd, path, 0, Rights.FD_READ | Rights.FD_SEEK | Rights.FD_TELL | Rights.FD_FILESTAT_GET);
    }

    int openedDirectory(int fd, String path) {
        return opened(fd, path, Flags.O_DIRECTORY, Rights.DIRECTORY);
    }

    Errno stat(int fd, int lookup, String path) {
        return call("path_filestat_get", fd, lookup, PATH, put(PATH, path), DATA);
    }

    Errno symlink(String text, int fd, String path) {
        return call("path_symlink", PATH, put(PATH, text), fd, PATH2, put(PATH2, path));
    }

    Errno link(int oldFd, int lookup, String oldPath, int newFd, String newPath) {
        return call("path_link", oldFd, lookup, PATH, put(PATH, oldPath), newFd, PATH2, put(PATH2, newPath));
    }

    Errno rename(int oldFd, String oldPath, int newFd, String newPath) {
        return call("path_rename", oldFd, PATH, put(PATH, oldPath), newFd, PATH2, put(PATH2, newPath));
    }

    /** The text of a link, or the error's name in angle brackets. */
    String readlink(int fd, String path) {
        Errno errno = call("path_readlink", fd, PATH, put(PATH, path), DATA, 4096, RESULT);
        return errno == Errno.SUCCESS ? memory.readString(DATA, memory.getInt(RESULT)) : "<" + errno + ">";
    }

    /** Sets iovecs at {@link #IOV} that cover pieces of the given lengths from {@link #DATA} on. */
    void vectors(int... lengths) {
        int at = DATA;
        for (int i = 0; i < lengths.length; i++) {
            memory.setInt(IOV + 8L * i, at);
            memory.setInt(IOV + 8L * i + 4, lengths[i]);
            at += lengths[i];
        }
    }

    Errno write(int fd, String text) {
        int length = put(DATA, text);
        vectors(length);
        return call("fd_write", fd, IOV, 1, RESULT);
    }

    /** Reads at most {@code max} bytes as text; errors in angle brackets. */
    String read(int fd, int max) {
        vectors(max);
        Errno errno = call("fd_read", fd, IOV, 1, RESULT);
        return errno == Errno.SUCCESS ? memory.readString(DATA, memory.getInt(RESULT)) : "<" + errno + ">";
    }

    int result() {
        return memory.getInt(RESULT);
    }

    byte[] data(int length) {
        return Arrays.copyOf(memory.readBytes(DATA, length), length);
    }

    @Override
    public void close() {
        process().close();
    }

    private final class FakeCaller implements Caller {
        @Override
        public Store store() {
            return store;
        }

        @Override
        public Optional<Extern> export(String name) {
            return name.equals("memory") ? Optional.of(memory) : Optional.empty();
        }

        @Override
        public Memory memory() {
            return memory;
        }

        @Override
        public Func func(String name) {
            throw new NoSuchExportException(name);
        }

        @Override
        public void consumeFuel(long fuel) {
            throw new IllegalStateException("not counted");
        }
    }

    private final class RecordingLinker implements Linker {
        @Override
        public Linker define(String module, String name, MethodHandle function) {
            if (!module.equals(Wasi.MODULE) || functions.put(name, function) != null) {
                throw new AssertionError(module + " " + name);
            }
            return this;
        }

        @Override
        public Linker define(String module, String name, FuncType type, HostFunction function) {
            throw new UnsupportedOperationException();
        }

        @Override
        public <T> Linker define(String module, Class<T> contract, T implementation) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Linker define(String module, String name, Extern extern) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Linker define(String module, String name, SharedMemory memory) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Linker define(String module, Instance instance) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Linker allowShadowing(boolean allow) {
            return this;
        }

        @Override
        public LinkedModule link(Module module) {
            throw new UnsupportedOperationException();
        }
    }
}
