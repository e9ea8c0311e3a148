package org.sallyport.host.wasi;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import java.nio.file.FileSystem;

/** Directories in memory, by Jimfs where that is there. */
final class MemoryPlace {
    private MemoryPlace() {}

    /**
     * @param bytes of all files of an instance
     * @throws IllegalArgumentException if Jimfs is not there
     */
    static Places.Place of(long bytes) {
        try {
            Files.check();
        } catch (LinkageError e) {
            throw new IllegalArgumentException("memory: needs Jimfs (com.google.jimfs:jimfs) and Guava beside Sallyport", e);
        }
        return closer -> {
            FileSystem files = Files.of(bytes);
            closer.add(files);
            return files.getPath("/");
        };
    }

    /** Alone, so that the rest loads without Jimfs. */
    private static final class Files {
        static void check() {
            Configuration.unix();
        }

        static FileSystem of(long bytes) {
            return Jimfs.newFileSystem(Configuration.unix().toBuilder()
                    .setMaxSize(bytes)
                    .setMaxCacheSize(0)
                    .setWorkingDirectory("/")
                    .build());
        }
    }
}
