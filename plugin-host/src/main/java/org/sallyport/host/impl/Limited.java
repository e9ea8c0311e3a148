package org.sallyport.host.impl;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.sallyport.LimitExceededException;

/** Reads what others have put there, no further than a limit: an entry of a few bundle bytes may inflate to gigabytes. */
final class Limited {
    /** Of a manifest, in a file or a custom section. */
    static final int MANIFEST_BYTES = 1 << 16;

    private static final int HEAD = 8;

    private Limited() {}

    /**
     * All of the stream.
     *
     * @throws LimitExceededException if there is more than the setting allows; no more than that was read then
     */
    static byte[] module(InputStream in, int most) throws IOException {
        byte[] head = in.readNBytes(Math.min(HEAD, most));
        if (!isModule(head)) {
            return head; // no module, whatever follows: the loader says what it found
        }
        byte[] rest = in.readNBytes(most - head.length);
        if (in.read() >= 0) {
            throw tooLong("bytes of a plugin's module", most + 1L, most, HostSettings.name("moduleBytes"));
        }
        byte[] all = new byte[head.length + rest.length];
        System.arraycopy(head, 0, all, 0, head.length);
        System.arraycopy(rest, 0, all, head.length, rest.length);
        return all;
    }

    private static boolean isModule(byte[] head) {
        return head.length >= 4 && head[0] == 0 && head[1] == 'a' && head[2] == 's' && head[3] == 'm';
    }

    /** @throws LimitExceededException likewise */
    static String manifest(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MANIFEST_BYTES);
            if (in.read() >= 0) {
                throw tooLong("bytes of a plugin's manifest", MANIFEST_BYTES + 1L, MANIFEST_BYTES, "Sallyport");
            }
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    static LimitExceededException tooLong(String what, long asked, long allowed, String setting) {
        return new LimitExceededException(what, asked, allowed, setting);
    }
}
