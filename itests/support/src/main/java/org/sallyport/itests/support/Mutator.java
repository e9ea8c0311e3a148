package org.sallyport.itests.support;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Changes binaries at random: single bytes anywhere; and runs of bytes within a section or a function's body, whose
 * sizes it then mends, so that the change gets past the decoder's frame to what reads the contents.
 */
public final class Mutator {
    private static final int HEADER = 8;
    private static final int CODE = 10;

    private final List<byte[]> originals;
    private final Random random;

    public Mutator(List<byte[]> originals, long seed) {
        this.originals = originals;
        this.random = new Random(seed * 0x9E37_79B9_7F4A_7C15L);
    }

    /** One of the originals with up to three changes. */
    public byte[] mutant() {
        byte[] bytes = original();
        for (int changes = random.nextInt(3); changes >= 0 && bytes.length > HEADER + 1; changes--) {
            bytes = random.nextInt(3) == 0 ? framed(bytes) : byteChanged(bytes, HEADER);
        }
        return bytes;
    }

    private byte[] original() {
        return originals.get(random.nextInt(originals.size())).clone();
    }

    /** A byte changed, added or removed, or the end cut off, from {@code from} on. */
    private byte[] byteChanged(byte[] bytes, int from) {
        int at = from + random.nextInt(bytes.length - from);
        switch (random.nextInt(8)) {
            case 0 -> bytes[at] = (byte) random.nextInt();
            case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
            case 2 -> bytes[at] = (byte) random.nextInt(8);
            case 3 -> bytes[at] = bytes[from + random.nextInt(bytes.length - from)];
            case 4 -> bytes[at]++;
            case 5 -> bytes[at] = (byte) (random.nextBoolean() ? 0x7F - random.nextInt(24) : 0xFF);
            case 6 -> {
                return Arrays.copyOf(bytes, at);
            }
            default -> {
                boolean more = random.nextBoolean();
                return spliced(bytes, at, more ? 0 : 1, more ? new byte[] {bytes[at]} : new byte[0]);
            }
        }
        return bytes;
    }

    /** A run of bytes removed, repeated, or replaced by one of another module. */
    private byte[] runChanged(byte[] bytes) {
        int at = random.nextInt(bytes.length + 1);
        int length = Math.min(1 + random.nextInt(12), bytes.length - at);
        return switch (random.nextInt(4)) {
            case 0 -> spliced(bytes, at, length, new byte[0]);
            case 1 -> spliced(bytes, at, 0, Arrays.copyOfRange(bytes, at, at + length));
            default -> {
                byte[] other = original();
                int from = random.nextInt(other.length);
                int to = Math.min(other.length, from + 1 + random.nextInt(12));
                yield spliced(bytes, at, random.nextBoolean() ? length : 0, Arrays.copyOfRange(other, from, to));
            }
        };
    }

    // ---- sections and bodies

    /** Start and end of what is in a section or body; its size stands before, from {@code size} on. */
    private record Frame(int size, int start, int end) {}

    /** A change in a section, or in a function's body, with the sizes that enclose it mended. */
    private byte[] framed(byte[] bytes) {
        List<Frame> sections = frames(bytes, HEADER, bytes.length, 1);
        if (sections.isEmpty()) {
            return byteChanged(bytes, HEADER);
        }
        Frame section = sections.get(random.nextInt(sections.size()));
        if (random.nextInt(12) == 0) {
            return sectionMoved(bytes, section, sections.get(random.nextInt(sections.size())));
        }
        for (Frame s : sections) {
            if (bytes[s.size - 1] == CODE && random.nextBoolean()) {
                return bodyChanged(bytes, s);
            }
        }
        return replaced(bytes, section, changed(Arrays.copyOfRange(bytes, section.start, section.end)));
    }

    private byte[] bodyChanged(byte[] bytes, Frame section) {
        List<Frame> bodies = frames(bytes, afterNumber(bytes, section.start), section.end, 0);
        if (bodies.isEmpty()) {
            return byteChanged(bytes, HEADER);
        }
        Frame body = bodies.get(random.nextInt(bodies.size()));
        byte[] content = changed(Arrays.copyOfRange(bytes, body.start, body.end));
        byte[] all = replaced(bytes, body, content);
        int longer = all.length - bytes.length;
        byte[] code = Arrays.copyOfRange(all, section.start, section.end + longer);
        return replaced(bytes, section, code);
    }

    private byte[] changed(byte[] content) {
        return content.length == 0 || random.nextBoolean() ? runChanged(content) : byteChanged(content, 0);
    }

    /** A section once more, before another; or another's place taken. */
    private byte[] sectionMoved(byte[] bytes, Frame from, Frame to) {
        byte[] whole = Arrays.copyOfRange(bytes, from.size - 1, from.end);
        return spliced(bytes, to.size - 1, random.nextBoolean() ? to.end - to.size + 1 : 0, whole);
    }

    /** What {@code before} bytes and a size precede, one after the other, as far as it is well-formed. */
    private static List<Frame> frames(byte[] bytes, int from, int end, int before) {
        List<Frame> frames = new ArrayList<>();
        int at = from;
        while (at + before < end) {
            int size = at + before;
            int start = afterNumber(bytes, size);
            long length = number(bytes, size, start);
            if (start > end || length > end - start) {
                break;
            }
            at = start + (int) length;
            frames.add(new Frame(size, start, at));
        }
        return frames;
    }

    private static byte[] replaced(byte[] bytes, Frame frame, byte[] content) {
        return spliced(bytes, frame.size, frame.end - frame.size, Binary.join(Binary.leb(content.length), content));
    }

    /** Where the unsigned LEB128 number at {@code at} has ended. */
    private static int afterNumber(byte[] bytes, int at) {
        int end = at;
        while (end < bytes.length && bytes[end] < 0) {
            end++;
        }
        return Math.min(end + 1, bytes.length);
    }

    private static long number(byte[] bytes, int from, int to) {
        long value = 0;
        for (int i = to - 1; i >= from; i--) {
            value = value << 7 | bytes[i] & 0x7F;
        }
        return to - from > 5 ? Long.MAX_VALUE : value;
    }

    private static byte[] spliced(byte[] bytes, int at, int removed, byte[] added) {
        byte[] result = new byte[bytes.length - removed + added.length];
        System.arraycopy(bytes, 0, result, 0, at);
        System.arraycopy(added, 0, result, at, added.length);
        System.arraycopy(bytes, at + removed, result, at + added.length, bytes.length - at - removed);
        return result;
    }
}
