package org.sallyport.wasi.fs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.ReadOnlyFileSystemException;
import org.junit.jupiter.api.Test;

class ErrnoTest {

    @Test
    void numbersAreThoseOfTheSpecification() {
        assertThat(Errno.values()).hasSize(77);
        assertThat(Errno.TOO_BIG.ordinal()).isEqualTo(1);
        assertThat(Errno.BADF.ordinal()).isEqualTo(8);
        assertThat(Errno.EXIST.ordinal()).isEqualTo(20);
        assertThat(Errno.FAULT.ordinal()).isEqualTo(21);
        assertThat(Errno.ILSEQ.ordinal()).isEqualTo(25);
        assertThat(Errno.INVAL.ordinal()).isEqualTo(28);
        assertThat(Errno.ISDIR.ordinal()).isEqualTo(31);
        assertThat(Errno.LOOP.ordinal()).isEqualTo(32);
        assertThat(Errno.NOENT.ordinal()).isEqualTo(44);
        assertThat(Errno.NOSPC.ordinal()).isEqualTo(51);
        assertThat(Errno.NOTDIR.ordinal()).isEqualTo(54);
        assertThat(Errno.NOTSUP.ordinal()).isEqualTo(58);
        assertThat(Errno.PERM.ordinal()).isEqualTo(63);
        assertThat(Errno.ROFS.ordinal()).isEqualTo(69);
        assertThat(Errno.SPIPE.ordinal()).isEqualTo(70);
        assertThat(Errno.NOTCAPABLE.ordinal()).isEqualTo(76);
    }

    @Test
    void hostFailuresHaveTheirNumbers() {
        assertThat(Errno.of(new NoSuchFileException("x"))).isEqualTo(Errno.NOENT);
        assertThat(Errno.of(new AccessDeniedException("x"))).isEqualTo(Errno.ACCES);
        assertThat(Errno.of(new FileSystemException("x", null, "No space left on device"))).isEqualTo(Errno.NOSPC);
        assertThat(Errno.of(new FileSystemException("x"))).isEqualTo(Errno.IO);
        assertThat(Errno.of(new ClosedChannelException())).isEqualTo(Errno.BADF);
        assertThat(Errno.of(new IOException("anything"))).isEqualTo(Errno.IO);
        assertThat(Errno.of(Errno.PERM.exception())).isEqualTo(Errno.PERM);
        assertThat(Errno.of(new ReadOnlyFileSystemException())).isEqualTo(Errno.ROFS);
        assertThat(Errno.of(new InvalidPathException("x", "y"))).isEqualTo(Errno.ILSEQ);
        assertThat(Errno.of(new IllegalStateException())).isNull();
    }
}
