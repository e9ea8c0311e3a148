package org.sallyport.cli;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The file around a compiled artefact: a line that says what it is, so that it is known without trying. */
final class ArtefactFile {
    static final byte[] MAGIC = "#!sallyport artefact\n".getBytes(StandardCharsets.US_ASCII);

    private ArtefactFile() {}

    static byte[] wrap(byte[] artefact) {
        byte[] file = Arrays.copyOf(MAGIC, MAGIC.length + artefact.length);
        System.arraycopy(artefact, 0, file, MAGIC.length, artefact.length);
        return file;
    }

    static byte[] contents(byte[] file) {
        return Arrays.copyOfRange(file, MAGIC.length, file.length);
    }
}
