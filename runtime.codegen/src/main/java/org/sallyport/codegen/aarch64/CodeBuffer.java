package org.sallyport.codegen.aarch64;

import java.util.Arrays;
import org.sallyport.codegen.pipeline.CodeSites;

/**
 * Machine code of one function while it grows: instruction words, labels, branches, a constant pool.
 *
 * <p><b>The problem.</b> Conditional branches reach 1 MiB, tests of a bit 32 KiB, loads of constants and ADR 1 MiB; functions may
 * be larger, and targets are mostly unknown when a branch is written.
 *
 * <p><b>Vocabulary.</b> As in {@code codegen.x64}: a <i>site</i> is a place where words are missing yet, a <i>raw</i> position
 * counts words without sites, and a label is a raw position together with the number of sites before it.
 *
 * <p><b>Rules.</b> {@link #finish} takes all sites for short, computes offsets, lengthens those that do not reach, and repeats
 * until all do. Sites only grow, so this ends; after a few rounds all that are left grow. A long conditional branch is the
 * opposite one across a {@code B}; a long address is a distance added to the program counter. The long forms of ADR
 * use {@link Abi#TEMP}, those of loads {@link Abi#TEMP} and {@link Reg#LR}, which is free within a function's frame.
 */
class CodeBuffer {
    static final int NOP = 0xD503201F;

    /** Words of each kind of site when long; when short they have one, paddings as many as are needed. */
    private enum Kind {
        B(1), B_COND(2), CBZ(2), TBZ(2), ADR(4), LITERAL(4), ALIGN_CODE(0), ALIGN_DATA(0);

        final int longWords;

        Kind(int longWords) {
            this.longWords = longWords;
        }

        boolean isPadding() {
            return longWords == 0;
        }

        /** Whether the short form spans the distance in bytes. */
        boolean reaches(int distance) {
            int bits = switch (this) {
                case B -> 28;
                case B_COND, CBZ, LITERAL, ADR -> 21;
                case TBZ -> 16;
                case ALIGN_CODE, ALIGN_DATA -> 32;
            };
            return distance << 32 - bits >> 32 - bits == distance;
        }
    }

    private static final Kind[] KINDS = Kind.values();
    /** So many of the last constants are compared with a new one; beyond, a repetition costs its bytes. */
    private static final int POOL_SEARCH = 64;
    /** After so many rounds all sites that are left are made long: malicious code could let one grow in each. */
    private static final int MAX_ROUNDS = 12;

    private int[] words = new int[1024];
    private int position;

    private int[] labelRaw = new int[64];
    private int[] labelSite = new int[64];
    private int labelCount;

    private int[] siteRaw = new int[64];
    private byte[] siteKind = new byte[64];
    /** Target label, or logarithm of the alignment. */
    private int[] siteArg = new int[64];
    /** The instruction without its distance. */
    private int[] siteBase = new int[64];
    private int[] siteSize = new int[64];
    /** Words of the sites before. */
    private int[] siteSum = new int[65];
    private int siteCount;

    private int[] fieldRaw = new int[32];
    private int[] fieldSite = new int[32];
    private int[] fieldLabel = new int[32];
    private int[] fieldBase = new int[32];
    private int fieldCount;

    private long[] pool = new long[16];
    private int[] poolLabel = new int[16];
    private int poolCount;
    private boolean finished;

    /** Empties the buffer for the next function. */
    void reset() {
        position = 0;
        labelCount = 0;
        siteCount = 0;
        fieldCount = 0;
        poolCount = 0;
        finished = false;
    }

    // ---- words

    final void word(int value) {
        if (position == words.length) {
            words = Arrays.copyOf(words, 2 * position);
        }
        words[position++] = value;
    }

    private void doubleWord(long value) {
        word((int) value);
        word((int) (value >> 32));
    }

    // ---- labels

    final int newLabel() {
        if (labelCount == labelRaw.length) {
            labelRaw = Arrays.copyOf(labelRaw, labelCount * 2);
            labelSite = Arrays.copyOf(labelSite, labelCount * 2);
        }
        labelRaw[labelCount] = -1;
        return labelCount++;
    }

    final void bind(int label) {
        assert labelRaw[label] < 0 : "BUG: label bound twice";
        labelRaw[label] = position;
        labelSite[label] = siteCount;
    }

    /** A new label at the current position. */
    final int here() {
        int label = newLabel();
        bind(label);
        return label;
    }

    /** Final offset of a label in bytes; only after {@link #finish}. */
    final int offset(int label) {
        assert finished && labelRaw[label] >= 0 : "BUG: offset of an unbound label";
        return 4 * (labelRaw[label] + siteSum[labelSite[label]]);
    }

    /** The labels, for side tables. */
    final CodeSites.Labels labels() {
        return new CodeSites.Labels() {
            @Override
            public int newLabel() {
                return CodeBuffer.this.newLabel();
            }

            @Override
            public void bind(int label) {
                CodeBuffer.this.bind(label);
            }

            @Override
            public int here() {
                return CodeBuffer.this.here();
            }

            @Override
            public int offset(int label) {
                return CodeBuffer.this.offset(label);
            }
        };
    }

    // ---- sites

    private void site(Kind kind, int arg, int base) {
        if (siteCount == siteRaw.length) {
            int n = siteCount * 2;
            siteRaw = Arrays.copyOf(siteRaw, n);
            siteKind = Arrays.copyOf(siteKind, n);
            siteArg = Arrays.copyOf(siteArg, n);
            siteBase = Arrays.copyOf(siteBase, n);
            siteSize = Arrays.copyOf(siteSize, n);
            siteSum = Arrays.copyOf(siteSum, n + 1);
        }
        siteRaw[siteCount] = position;
        siteKind[siteCount] = (byte) kind.ordinal();
        siteBase[siteCount] = base;
        siteArg[siteCount++] = arg;
    }

    final void b(int label) {
        site(Kind.B, label, 0x14000000);
    }

    final void bl(int label) {
        site(Kind.B, label, 0x94000000);
    }

    final void bCond(Cond cond, int label) {
        site(Kind.B_COND, label, 0x54000000 | cond.ordinal());
    }

    final void cbz(boolean wide, int register, int label) {
        site(Kind.CBZ, label, 0x34000000 | IntegerAssembler.sf(wide) | register);
    }

    final void cbnz(boolean wide, int register, int label) {
        site(Kind.CBZ, label, 0x35000000 | IntegerAssembler.sf(wide) | register);
    }

    final void tbz(int register, int bit, int label) {
        site(Kind.TBZ, label, 0x36000000 | testedBit(bit) | register);
    }

    final void tbnz(int register, int bit, int label) {
        site(Kind.TBZ, label, 0x37000000 | testedBit(bit) | register);
    }

    private static int testedBit(int bit) {
        return bit >> 5 << 31 | (bit & 31) << 19;
    }

    /** The address of the label. */
    final void adr(int dst, int label) {
        site(Kind.ADR, label, 0x10000000 | dst);
    }

    /** LDR from the label: 4, 8 or 16 bytes to a vector register, the others zero. */
    final void ldrVector(int bytes, int dst, int label) {
        site(Kind.LITERAL, label, (bytes == 4 ? 0x1C000000 : bytes == 8 ? 0x5C000000 : 0x9C000000) | dst);
    }

    /** Pads with no-operations to a multiple of {@code 1 << log} bytes. */
    final void alignCode(int log) {
        site(Kind.ALIGN_CODE, log, 0);
    }

    final void alignData(int log) {
        site(Kind.ALIGN_DATA, log, 0);
    }

    // ---- data

    /** {@code label - base} in bytes, the entry of a jump table. */
    final void differenceField(int label, int base) {
        if (fieldCount == fieldRaw.length) {
            int n = fieldCount * 2;
            fieldRaw = Arrays.copyOf(fieldRaw, n);
            fieldSite = Arrays.copyOf(fieldSite, n);
            fieldLabel = Arrays.copyOf(fieldLabel, n);
            fieldBase = Arrays.copyOf(fieldBase, n);
        }
        fieldRaw[fieldCount] = position;
        fieldSite[fieldCount] = siteCount;
        fieldLabel[fieldCount] = label;
        fieldBase[fieldCount++] = base;
        word(0);
    }

    /** Label of 8 bytes in the function's constant pool (at a multiple of 8). */
    final int constant(long bits) {
        return poolEntry(bits, 0, false);
    }

    /** Label of 16 bytes in the function's constant pool (at a multiple of 16). */
    final int constant(long low, long high) {
        return poolEntry(low, high, true);
    }

    private int poolEntry(long low, long high, boolean wide) {
        for (int i = Math.max(0, poolCount - POOL_SEARCH); i < poolCount; i++) {
            boolean entryWide = poolLabel[i] < 0;
            if (pool[2 * i] == low && (!wide || entryWide && pool[2 * i + 1] == high)) {
                return entryWide ? ~poolLabel[i] : poolLabel[i];
            }
        }
        if (poolCount == poolLabel.length) {
            poolLabel = Arrays.copyOf(poolLabel, poolCount * 2);
        }
        if (2 * poolCount + 2 > pool.length) {
            pool = Arrays.copyOf(pool, pool.length * 2);
        }
        int label = newLabel();
        pool[2 * poolCount] = low;
        pool[2 * poolCount + 1] = high;
        poolLabel[poolCount++] = wide ? ~label : label;
        return label;
    }

    private void writePool() {
        if (poolCount == 0) {
            return;
        }
        alignData(4);
        for (int i = 0; i < poolCount; i++) {
            if (poolLabel[i] < 0) {
                bind(~poolLabel[i]);
                doubleWord(pool[2 * i]);
                doubleWord(pool[2 * i + 1]);
            }
        }
        for (int i = 0; i < poolCount; i++) {
            if (poolLabel[i] >= 0) {
                bind(poolLabel[i]);
                doubleWord(pool[2 * i]);
            }
        }
    }

    // ---- finish

    /** Writes the constant pool, fixes all lengths and returns the code; it must be placed at a multiple of 64. */
    final byte[] finish() {
        writePool();
        finished = true;
        settle();
        int[] out = new int[position + siteSum[siteCount]];
        copy(out);
        for (int i = 0; i < fieldCount; i++) {
            out[fieldRaw[i] + siteSum[fieldSite[i]]] = offset(fieldLabel[i]) - offset(fieldBase[i]);
        }
        byte[] bytes = new byte[4 * out.length];
        for (int i = 0; i < out.length; i++) {
            put32(bytes, 4 * i, out[i]);
        }
        return bytes;
    }

    private Kind kind(int site) {
        return KINDS[siteKind[site]];
    }

    private void settle() {
        for (int i = 0; i < siteCount; i++) {
            siteSize[i] = kind(i).isPadding() ? 0 : 1;
        }
        int round = 0;
        do {
            int sum = 0;
            for (int i = 0; i < siteCount; i++) {
                siteSum[i] = sum;
                if (kind(i).isPadding()) {
                    siteSize[i] = -(siteRaw[i] + sum) & (1 << siteArg[i] - 2) - 1;
                }
                sum += siteSize[i];
            }
            siteSum[siteCount] = sum;
        } while (lengthen(++round >= MAX_ROUNDS));
    }

    private boolean lengthen(boolean all) {
        boolean changed = false;
        for (int i = 0; i < siteCount; i++) {
            Kind kind = kind(i);
            if (siteSize[i] == 1 && kind.longWords > 1 && (all || !kind.reaches(distance(i)))) {
                siteSize[i] = kind.longWords;
                changed = true;
            }
        }
        return changed;
    }

    private int distance(int site) {
        return offset(siteArg[site]) - 4 * (siteRaw[site] + siteSum[site]);
    }

    private void copy(int[] out) {
        int from = 0;
        int to = 0;
        for (int i = 0; i < siteCount; i++) {
            int n = siteRaw[i] - from;
            System.arraycopy(words, from, out, to, n);
            from += n;
            to += n;
            switch (kind(i)) {
                case ALIGN_CODE -> Arrays.fill(out, to, to + siteSize[i], NOP);
                case ALIGN_DATA -> { } // zeros are UDF
                default -> write(out, to, i);
            }
            to += siteSize[i];
        }
        System.arraycopy(words, from, out, to, position - from);
    }

    private void write(int[] out, int at, int site) {
        Kind kind = kind(site);
        int base = siteBase[site];
        int distance = distance(site);
        if (siteSize[site] == 1) {
            out[at] = base | field(kind, distance);
            return;
        }
        switch (kind) {
            case B_COND, CBZ, TBZ -> {
                out[at] = (kind == Kind.B_COND ? base ^ 1 : base ^ 1 << 24) | field(kind, 8);
                out[at + 1] = 0x14000000 | field(Kind.B, distance - 4);
            }
            case ADR -> {
                int dst = base & 31;
                out[at] = base; // the address of this instruction
                moveWide(out, at + 1, distance);
                out[at + 3] = 0x8B20C000 | Abi.TEMP << 16 | dst << 5 | dst; // add dst, dst, temp, sxtw
            }
            case LITERAL -> {
                out[at] = 0x10000000 | Reg.LR;
                moveWide(out, at + 1, distance);
                int load = switch (base >>> 30) {
                    case 0 -> 0xBC60C800;
                    case 1 -> 0xFC60C800;
                    default -> 0x3CE0C800;
                };
                out[at + 3] = load | Abi.TEMP << 16 | Reg.LR << 5 | base & 31; // ldr v, [lr, temp, sxtw]
            }
            default -> throw new AssertionError("BUG: a long " + kind);
        }
    }

    private static void moveWide(int[] out, int at, int value) {
        out[at] = 0x52800000 | (value & 0xFFFF) << 5 | Abi.TEMP;
        out[at + 1] = 0x72A00000 | (value >>> 16) << 5 | Abi.TEMP;
    }

    private static int field(Kind kind, int distance) {
        return switch (kind) {
            case B -> distance >> 2 & 0x3FFFFFF;
            case B_COND, CBZ, LITERAL -> (distance >> 2 & 0x7FFFF) << 5;
            case TBZ -> (distance >> 2 & 0x3FFF) << 5;
            case ADR -> (distance & 3) << 29 | (distance >> 2 & 0x7FFFF) << 5;
            case ALIGN_CODE, ALIGN_DATA -> 0;
        };
    }

    static void put32(byte[] out, int at, int value) {
        out[at] = (byte) value;
        out[at + 1] = (byte) (value >> 8);
        out[at + 2] = (byte) (value >> 16);
        out[at + 3] = (byte) (value >> 24);
    }

    static int get32(byte[] code, int at) {
        return code[at] & 0xFF | (code[at + 1] & 0xFF) << 8 | (code[at + 2] & 0xFF) << 16 | code[at + 3] << 24;
    }
}
