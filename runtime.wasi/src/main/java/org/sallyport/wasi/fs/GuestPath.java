package org.sallyport.wasi.fs;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A path as a guest writes it: UTF-8, {@code /} between names on every host.
 *
 * @param names without empty ones and {@code .}; {@code ..} is kept
 * @param directory whether it ends in {@code /}, {@code /.} or {@code ..}, and so must lead to a directory
 * @param last the last name as it is written, also {@code .} or {@code ..}
 */
public record GuestPath(List<String> names, boolean directory, String last) {
    /** Longer paths are refused ({@code PATH_MAX} of Linux). */
    public static final int MAX_BYTES = 4096;

    public static final String UP = "..";

    /**
     * @throws ErrnoException {@code ILSEQ} if it is not UTF-8, {@code INVAL} if there is a NUL in it, {@code NOENT} if
     *     it is empty, {@code NAMETOOLONG} or {@code NOTCAPABLE} (absolute)
     */
    public static GuestPath parse(byte[] utf8) throws ErrnoException {
        return parse(decode(utf8));
    }

    static GuestPath parse(String path) throws ErrnoException {
        if (path.isEmpty()) {
            throw Errno.NOENT.exception();
        }
        if (path.length() > MAX_BYTES) {
            throw Errno.NAMETOOLONG.exception();
        }
        if (path.indexOf('\0') >= 0) {
            throw Errno.INVAL.exception();
        }
        if (path.charAt(0) == '/') {
            throw Errno.NOTCAPABLE.exception();
        }
        List<String> names = new ArrayList<>();
        String last = "";
        for (String name : path.split("/", -1)) {
            if (!name.isEmpty()) {
                last = name;
            }
            if (!name.isEmpty() && !name.equals(Directory.SELF)) {
                FileNames.check(name);
                names.add(name);
            }
        }
        boolean dots = last.equals(Directory.SELF) || last.equals(UP);
        return new GuestPath(List.copyOf(names), dots || path.endsWith("/"), last);
    }

    /** Whether the last name is {@code .} or {@code ..}: such a path cannot be made, removed or renamed. */
    public boolean dotLast() {
        return last.equals(Directory.SELF) || last.equals(UP);
    }

    /** The names that lead to the directory in which {@link #last} is. */
    List<String> parent() {
        return last.equals(Directory.SELF) ? names : names.subList(0, names.size() - 1);
    }

    /** The last name with a slash if one is written behind it, as system calls take it that make and remove names. */
    String lastWithSlash() {
        return directory && !dotLast() ? last + "/" : last;
    }

    /**
     * Whether a guest may make a link with this text.
     *
     * @throws ErrnoException {@code NOTCAPABLE} for an absolute path; as {@link #parse(byte[])} for one that no path
     *     can be
     */
    public static void checkText(byte[] utf8) throws ErrnoException {
        String text = decode(utf8);
        if (text.isEmpty()) {
            throw Errno.NOENT.exception();
        }
        if (text.indexOf('\0') >= 0) {
            throw Errno.INVAL.exception();
        }
        if (text.charAt(0) == '/') {
            throw Errno.NOTCAPABLE.exception();
        }
    }

    /** Whether a path from a directory that lies {@code depth} below some other leads above that one, as it reads. */
    public static boolean leadsAbove(byte[] path, int depth) {
        int below = depth;
        for (String name : new String(path, StandardCharsets.ISO_8859_1).split("/")) {
            if (name.equals(UP) && --below < 0) {
                return true;
            }
            below += name.isEmpty() || name.equals(Directory.SELF) || name.equals(UP) ? 0 : 1;
        }
        return false;
    }

    /** Strict UTF-8. */
    private static String decode(byte[] utf8) throws ErrnoException {
        if (utf8.length > MAX_BYTES) {
            throw Errno.NAMETOOLONG.exception();
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(utf8))
                    .toString();
        } catch (CharacterCodingException e) {
            throw Errno.ILSEQ.exception();
        }
    }
}
