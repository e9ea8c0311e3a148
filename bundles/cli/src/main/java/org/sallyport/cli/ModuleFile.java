package org.sallyport.cli;

import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.sallyport.ArtefactKey;
import org.sallyport.Engine;
import org.sallyport.InvalidModuleException;
import org.sallyport.LoadLimits;
import org.sallyport.MalformedModuleException;
import org.sallyport.Module;
import org.sallyport.SallyportException;
import org.sallyport.TextFormatException;
import org.sallyport.UnsupportedFeatureException;
import org.sallyport.text.Wat;
import org.sallyport.text.WatOptions;
import org.sallyport.text.WatPlaces;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.ModuleForm;
import org.sallyport.wasm.Proposal;

/**
 * A file that holds a module: binary, text, or a compiled artefact. Told apart by their contents, not by their names.
 *
 * @param name as given on the command line, printable; {@code standard input} for {@code -}
 */
record ModuleFile(String name, byte[] bytes) {

    private static final String OF_BINARY = "The place is that in the binary which the text makes; \"sallyport wat2wasm\""
            + " writes it.";
    /** How places begin in messages. */
    private static final String PLACE = "\n  in ";
    private static final int NO_TEXT = -2;
    private static final WatOptions TEXT = WatOptions.DEFAULT.withNames(true);
    private static final int BEGINNING = 1 << 16;
    private static final int LARGEST = LoadLimits.DEFAULT.max(LoadLimits.Limit.MODULE_BYTES);

    /** What a file holds. */
    enum Kind {
        BINARY,
        TEXT,
        ARTEFACT
    }

    /**
     * Reads a file or standard input. What does not begin like any module is not read on, which may have no end.
     *
     * @param name as {@link HostText}
     */
    static ModuleFile read(String name, Streams streams) {
        String shown = isStandardInput(name) ? "standard input" : HostText.shown(name);
        byte[] beginning = new byte[BEGINNING];
        try (InputStream in = open(name, streams)) {
            int n = in.readNBytes(beginning, 0, BEGINNING);
            ModuleFile begun = new ModuleFile(shown, Arrays.copyOf(beginning, n));
            if (n < BEGINNING || begun.knownKind() == null) {
                return begun;
            }
            return new ModuleFile(shown, readOn(beginning, in, shown));
        } catch (IOException e) {
            throw Failures.named(shown, e);
        }
    }

    private static boolean isStandardInput(String name) {
        return name.equals("-");
    }

    private static InputStream open(String name, Streams streams) throws IOException {
        if (isStandardInput(name)) {
            return new FilterInputStream(streams.in()) {
                @Override
                public void close() {
                    // it is not ours
                }
            };
        }
        Path path = HostPath.of(name);
        if (Files.isDirectory(path)) {
            throw new FailureException(HostText.shown(name) + ": is a directory");
        }
        return Files.newInputStream(path);
    }

    private static byte[] readOn(byte[] beginning, InputStream in, String shown) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write(beginning);
        byte[] piece = new byte[1 << 16];
        for (int n; (n = in.read(piece)) >= 0; ) {
            all.write(piece, 0, n);
            if (all.size() > LARGEST) {
                throw new FailureException(shown + ": has more than " + (LARGEST >> 20) + " MiB, and no end yet");
            }
        }
        return all.toByteArray();
    }

    /** @throws FailureException if it holds none of them; says what it seems to hold */
    Kind kind() {
        Kind kind = knownKind();
        if (kind != null) {
            return kind;
        }
        String what = name + ": " + ModuleForm.describe(bytes);
        throw new FailureException(bytes.length == 0
                ? what
                : what + "\n  expected the binary format (\\0asm), the text format (a parenthesis) or what"
                        + " \"sallyport compile\" wrote"
                        + "\n  Source code of another language must be compiled to WebAssembly first.");
    }

    private @Nullable Kind knownKind() {
        if (startsWith(ArtefactFile.MAGIC)) {
            return Kind.ARTEFACT;
        }
        return switch (ModuleForm.of(bytes)) {
            case BINARY, COMPONENT -> Kind.BINARY; // what is wrong with a component is for the loader to say
            case TEXT -> Kind.TEXT;
            case EMPTY, OTHER -> null;
        };
    }

    private boolean startsWith(byte[] magic) {
        return bytes.length >= magic.length && Arrays.equals(bytes, 0, magic.length, magic, 0, magic.length);
    }

    /** The last part of the name, for messages and backtraces of a module that does not name itself. */
    String shortName() {
        return name.substring(name.replace('\\', '/').lastIndexOf('/') + 1);
    }

    /** What a text that must be one may be made of, whatever it looks like. */
    byte[] text() {
        if (bytes.length == 0) {
            throw new FailureException(name + ": is empty; the module without anything is (module)");
        }
        Kind kind = knownKind();
        if (kind == Kind.BINARY || kind == Kind.ARTEFACT) {
            String what = kind == Kind.BINARY ? "a binary module already" : "a compiled artefact";
            throw new FailureException(name + ": is " + what);
        }
        return bytes;
    }

    /** The binary format, from whatever the file holds. Identifiers of a text become names. */
    byte[] binary() {
        return switch (kind()) {
            case TEXT -> Wat.compile(bytes, name, TEXT);
            case BINARY -> bytes;
            case ARTEFACT -> throw new FailureException(name + ": is a compiled artefact; it can only be run");
        };
    }

    /** @throws FailureException names the file and says what is wrong with the module */
    Module compile(Engine engine) throws IOException {
        if (kind() == Kind.ARTEFACT) {
            ArtefactKey key = KeyFile.ofUser().read();
            return named(() -> engine.deserialize(ArtefactFile.contents(bytes), key));
        }
        byte[] binary = binary();
        return named(() -> engine.compile(binary, shortName()));
    }

    /** Whether there is a module in it that can be described: none can be told of an artefact without its key. */
    boolean isModule() {
        return knownKind() == Kind.BINARY || knownKind() == Kind.TEXT;
    }

    /** Of a text, its author does not know offsets, and is the producer: the place is shown in the text where that can be. */
    private String message(SallyportException e) {
        String message = String.valueOf(e.getMessage());
        int offset = offset(e);
        int end = message.indexOf('\n', message.indexOf(PLACE) + 1);
        if (offset == NO_TEXT || knownKind() != Kind.TEXT || end < 0) {
            return message;
        }
        WatPlaces places = new WatPlaces();
        int at = places.textOffset(Wat.compile(bytes, name, TEXT, places), offset);
        String shown = at < 0 ? "\n  " + OF_BINARY : TextFormatException.at("", "", name, bytes, at).getMessage();
        return message.substring(0, end) + shown + message.substring(end).replaceFirst("\n  The producer .*", "");
    }

    /** Where in the binary, -1 if nobody knows, or {@link #NO_TEXT} for what is no fault of the module. */
    private static int offset(SallyportException e) {
        return switch (e) {
            case MalformedModuleException malformed -> malformed.place().offset();
            case InvalidModuleException invalid -> invalid.place().offset();
            case UnsupportedFeatureException unsupported -> unsupported.offset();
            default -> NO_TEXT;
        };
    }

    /** What the command line can say of a proposal that is missing. */
    private static String hint(SallyportException e) {
        Proposal proposal = switch (e) {
            case MalformedModuleException malformed -> malformed.proposal();
            case InvalidModuleException invalid -> invalid.proposal();
            case UnsupportedFeatureException unsupported -> unsupported.feature();
            default -> null;
        };
        if (proposal == null) {
            return "";
        }
        boolean off = !(e instanceof UnsupportedFeatureException) && proposal instanceof Feature;
        String lacks = off && !Parts.compiledFeatures().contains(proposal)
                ? "\n  The compiler lacks it, or parts of it: with the option the module can be validated, perhaps not run."
                : "";
        return lacks + "\n  \"sallyport inspect\" shows what is in the module, and what needs which proposal.";
    }

    /** Has what fails on account of the module name its file, as the parser of the text format does by itself. */
    <T> T named(Supplier<T> work) {
        try {
            return work.get();
        } catch (SallyportException e) {
            throw new FailureException(name + ": " + message(e) + hint(e), e);
        }
    }
}
