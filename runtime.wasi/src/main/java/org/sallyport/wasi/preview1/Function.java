package org.sallyport.wasi.preview1;

import static org.sallyport.wasi.preview1.Function.Param.I32;
import static org.sallyport.wasi.preview1.Function.Param.I64;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.sallyport.Caller;

/**
 * All functions of WASI preview 1, one row each: name and core parameters. {@link Preview1} has a method of the same
 * name in Java's spelling. The result is an {@code errno}, but {@code proc_exit} has none.
 */
enum Function {
    // @formatter:off
    //                          name                        core parameters
    ARGS_GET                   ("args_get",                 I32, I32),
    ARGS_SIZES_GET             ("args_sizes_get",           I32, I32),
    ENVIRON_GET                ("environ_get",              I32, I32),
    ENVIRON_SIZES_GET          ("environ_sizes_get",        I32, I32),
    CLOCK_RES_GET              ("clock_res_get",            I32, I32),
    CLOCK_TIME_GET             ("clock_time_get",           I32, I64, I32),
    FD_ADVISE                  ("fd_advise",                I32, I64, I64, I32),
    FD_ALLOCATE                ("fd_allocate",              I32, I64, I64),
    FD_CLOSE                   ("fd_close",                 I32),
    FD_DATASYNC                ("fd_datasync",              I32),
    FD_FDSTAT_GET              ("fd_fdstat_get",            I32, I32),
    FD_FDSTAT_SET_FLAGS        ("fd_fdstat_set_flags",      I32, I32),
    FD_FDSTAT_SET_RIGHTS       ("fd_fdstat_set_rights",     I32, I64, I64),
    FD_FILESTAT_GET            ("fd_filestat_get",          I32, I32),
    FD_FILESTAT_SET_SIZE       ("fd_filestat_set_size",     I32, I64),
    FD_FILESTAT_SET_TIMES      ("fd_filestat_set_times",    I32, I64, I64, I32),
    FD_PREAD                   ("fd_pread",                 I32, I32, I32, I64, I32),
    FD_PRESTAT_GET             ("fd_prestat_get",           I32, I32),
    FD_PRESTAT_DIR_NAME        ("fd_prestat_dir_name",      I32, I32, I32),
    FD_PWRITE                  ("fd_pwrite",                I32, I32, I32, I64, I32),
    FD_READ                    ("fd_read",                  I32, I32, I32, I32),
    FD_READDIR                 ("fd_readdir",               I32, I32, I32, I64, I32),
    FD_RENUMBER                ("fd_renumber",              I32, I32),
    FD_SEEK                    ("fd_seek",                  I32, I64, I32, I32),
    FD_SYNC                    ("fd_sync",                  I32),
    FD_TELL                    ("fd_tell",                  I32, I32),
    FD_WRITE                   ("fd_write",                 I32, I32, I32, I32),
    PATH_CREATE_DIRECTORY      ("path_create_directory",    I32, I32, I32),
    PATH_FILESTAT_GET          ("path_filestat_get",        I32, I32, I32, I32, I32),
    PATH_FILESTAT_SET_TIMES    ("path_filestat_set_times",  I32, I32, I32, I32, I64, I64, I32),
    PATH_LINK                  ("path_link",                I32, I32, I32, I32, I32, I32, I32),
    PATH_OPEN                  ("path_open",                I32, I32, I32, I32, I32, I64, I64, I32, I32),
    PATH_READLINK              ("path_readlink",            I32, I32, I32, I32, I32, I32),
    PATH_REMOVE_DIRECTORY      ("path_remove_directory",    I32, I32, I32),
    PATH_RENAME                ("path_rename",              I32, I32, I32, I32, I32, I32),
    PATH_SYMLINK               ("path_symlink",             I32, I32, I32, I32, I32),
    PATH_UNLINK_FILE           ("path_unlink_file",         I32, I32, I32),
    POLL_ONEOFF                ("poll_oneoff",              I32, I32, I32, I32),
    PROC_EXIT                  ("proc_exit",                I32) {
        @Override
        Class<?> result() {
            return void.class;
        }
    },
    PROC_RAISE                 ("proc_raise",               I32),
    SCHED_YIELD                ("sched_yield"),
    RANDOM_GET                 ("random_get",               I32, I32),
    SOCK_ACCEPT                ("sock_accept",              I32, I32, I32),
    SOCK_RECV                  ("sock_recv",                I32, I32, I32, I32, I32, I32),
    SOCK_SEND                  ("sock_send",                I32, I32, I32, I32, I32),
    SOCK_SHUTDOWN              ("sock_shutdown",            I32, I32);
    // @formatter:on

    enum Param {
        I32(int.class),
        I64(long.class);

        final Class<?> java;

        Param(Class<?> java) {
            this.java = java;
        }
    }

    private final String wasmName;
    private final List<Param> params;

    Function(String wasmName, Param... params) {
        this.wasmName = wasmName;
        this.params = List.of(params);
    }

    String wasmName() {
        return wasmName;
    }

    /** {@code fd_read} is {@code fdRead}. */
    String javaName() {
        StringBuilder java = new StringBuilder();
        for (String word : wasmName.split("_")) {
            java.append(java.isEmpty() ? word : word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1));
        }
        return java.toString();
    }

    Class<?> result() {
        return int.class;
    }

    /** The type of the method: a {@link Caller} and the core parameters. */
    MethodType type() {
        List<Class<?>> types = new ArrayList<>();
        types.add(Caller.class);
        params.forEach(param -> types.add(param.java));
        return MethodType.methodType(result(), types);
    }

    /** A handle of exactly {@link #type()}. */
    MethodHandle handle(MethodHandles.Lookup lookup, Preview1 functions) {
        try {
            return lookup.findVirtual(Preview1.class, javaName(), type()).bindTo(functions);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("BUG: no method for " + this, e);
        }
    }
}
