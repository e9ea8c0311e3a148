package org.sallyport.host.core;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.sallyport.LimitExceededException;
import org.sallyport.wasm.ModuleForm;

/** Reads what others have put there, no further than a limit: an entry of a few bundle bytes may inflate to gigabytes. */
public final class Limited {
    /** Of a manifest, in a file or a custom section. */
    public static final int MANIFEST_BYTES = 1 << 16;

    private Limited() {}

    /**
     * All of the stream.
     *
     * @throws IllegalArgumentException if it holds no core module in the binary format, whatever else is in it; says what it
     *     seems to be. No more than its beginning was read then
     * @throws LimitExceededException if there is more than the setting allows; no more than that was read then
     */
    public static byte[] module(InputStream in, int most) throws IOException {
        byte[] head = in.readNBytes(Math.min(ModuleForm.HEAD, most));
        checkForm(head);
        byte[] rest = in.readNBytes(most - head.length);
        if (in.read() >= 0) {
            throw tooLong("bytes of a plugin's module", most + 1L, most, HostSettings.name("moduleBytes"));
        }
        byte[] all = new byte[head.length + rest.length];
        System.arraycopy(head, 0, all, 0, head.length);
        System.arraycopy(rest, 0, all, head.length, rest.length);
        return all;
    }

    /** @throws IllegalArgumentException if it is no core module in the binary format; says what it seems to be */
    public static void checkForm(byte[] module) {
        ModuleForm form = ModuleForm.of(module);
        if (form != ModuleForm.BINARY) {
            throw new IllegalArgumentException("a plugin is a module in the binary format, and this "
                    + ModuleForm.describe(module)
                    + (form == ModuleForm.TEXT ? "; \"sallyport wat2wasm\" makes the binary format of it" : ""));
        }
    }

    /** @throws LimitExceededException likewise */
    public static String manifest(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MANIFEST_BYTES);
            if (in.read() >= 0) {
                throw tooLong("bytes of a plugin's manifest", MANIFEST_BYTES + 1L, MANIFEST_BYTES, "Sallyport");
            }
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    public static LimitExceededException tooLong(String what, long asked, long allowed, String setting) {
        return new LimitExceededException(what, asked, allowed, setting);
    }
}
