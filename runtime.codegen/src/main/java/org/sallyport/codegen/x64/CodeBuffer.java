package org.sallyport.codegen.x64;

import java.util.Arrays;
import org.sallyport.codegen.pipeline.CodeSites;

/**
 * Machine code of one function while it grows: bytes, labels, branches of variable length, a constant pool.
 *
 * <p><b>The problem.</b> A branch is 2 bytes when its target is near and 5 or 6 when it is not, but targets are
 * mostly unknown when a branch is written, and padding in front of loop heads depends on what lies before.
 *
 * <p><b>Vocabulary.</b> Bytes whose number never changes are written to {@link #bytes} at once. A <i>site</i> is a
 * place where bytes are missing yet: a branch, or padding. A <i>raw</i> position counts bytes without sites; a label
 * is a raw position together with the number of sites before it, so that its final offset is the raw position plus
 * the sizes of these sites.
 *
 * <p><b>Rules.</b> {@link #finish} takes all branches for short, computes offsets, lengthens the branches that do not
 * reach, and repeats until all do. Branches only grow, so this ends; after a few rounds all that are left grow.
 * Padding is recomputed each round, so the last round's offsets are consistent. Then bytes and sites are copied in
 * one sweep, and fields that refer to labels (RIP-relative displacements, jump table entries) are filled in.
 */
class CodeBuffer {
    private static final int JMP = 16;
    private static final int ALIGN_CODE = 17;
    private static final int ALIGN_DATA = 18;

    /** So many of the last constants are compared with a new one; beyond, a repetition costs its bytes. */
    private static final int POOL_SEARCH = 64;
    /** After so many rounds all branches that are left are made long: malicious code could let one grow in each. */
    private static final int MAX_ROUNDS = 12;

    private byte[] bytes = new byte[4096];
    private int position;

    private int[] labelRaw = new int[64];
    private int[] labelSite = new int[64];
    private int labelCount;

    private int[] siteRaw = new int[64];
    /** Condition code, {@link #JMP} or an alignment kind. */
    private byte[] siteKind = new byte[64];
    /** Target label, or logarithm of the alignment. */
    private int[] siteArg = new int[64];
    private int[] siteSize = new int[64];
    /** Sum of the sizes of the sites before. */
    private int[] siteSum = new int[65];
    private int siteCount;

    private int[] fieldRaw = new int[32];
    private int[] fieldSite = new int[32];
    private int[] fieldLabel = new int[32];
    /**
     * Label that the value is relative to, or {@code -1 - n} for the offset {@code n} bytes behind the field's start.
     */
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

    // ---- bytes

    /** Room for one instruction or table entry: after it, {@code n} bytes may be written without checks. */
    private void room(int n) {
        if (position + n > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, position + n));
        }
    }

    final void u8(int value) {
        room(1);
        bytes[position++] = (byte) value;
    }

    final void i32(int value) {
        room(4);
        bytes[position] = (byte) value;
        bytes[position + 1] = (byte) (value >> 8);
        bytes[position + 2] = (byte) (value >> 16);
        bytes[position + 3] = (byte) (value >> 24);
        position += 4;
    }

    final void i64(long value) {
        i32((int) value);
        i32((int) (value >> 32));
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

    /** Final offset of a label; only after {@link #finish}. */
    final int offset(int label) {
        assert finished && labelRaw[label] >= 0 : "BUG: offset of an unbound label";
        return labelRaw[label] + siteSum[labelSite[label]];
    }

    /** Whether nothing was written since the label was bound. */
    final boolean isHere(int label) {
        return labelRaw[label] == position && labelSite[label] == siteCount;
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

    private void site(int kind, int arg) {
        if (siteCount == siteRaw.length) {
            int n = siteCount * 2;
            siteRaw = Arrays.copyOf(siteRaw, n);
            siteKind = Arrays.copyOf(siteKind, n);
            siteArg = Arrays.copyOf(siteArg, n);
            siteSize = Arrays.copyOf(siteSize, n);
            siteSum = Arrays.copyOf(siteSum, n + 1);
        }
        siteRaw[siteCount] = position;
        siteKind[siteCount] = (byte) kind;
        siteArg[siteCount++] = arg;
    }

    /** {@code jmp label}, short where it reaches. */
    final void jmp(int label) {
        site(JMP, label);
    }

    /** {@code jcc label}, short where it reaches. */
    final void jcc(Cond cond, int label) {
        site(cond.ordinal(), label);
    }

    /** Pads with no-operations to a multiple of {@code 1 << log}. */
    final void alignCode(int log) {
        site(ALIGN_CODE, log);
    }

    final void alignData(int log) {
        site(ALIGN_DATA, log);
    }

    // ---- fields that refer to labels

    private void field(int label, int base) {
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
        i32(0);
    }

    /** A displacement from the end of the instruction, which is {@code trailing} bytes behind the field. */
    final void relativeField(int label, int trailing) {
        field(label, -1 - 4 - trailing);
    }

    /** {@code label - base}, the entry of a jump table. */
    final void differenceField(int label, int base) {
        field(label, base);
    }

    // ---- constants

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
                i64(pool[2 * i]);
                i64(pool[2 * i + 1]);
            }
        }
        for (int i = 0; i < poolCount; i++) {
            if (poolLabel[i] >= 0) {
                bind(poolLabel[i]);
                i64(pool[2 * i]);
            }
        }
    }

    // ---- finish

    /**
     * Writes the constant pool, fixes all lengths and returns the code; it must be placed at a multiple of 64 or of
     * its largest alignment.
     */
    final byte[] finish() {
        writePool();
        finished = true;
        settle();
        byte[] out = new byte[position + siteSum[siteCount]];
        copy(out);
        fillFields(out);
        return out;
    }

    private void settle() {
        for (int i = 0; i < siteCount; i++) {
            siteSize[i] = siteKind[i] <= JMP ? 2 : 0;
        }
        int round = 0;
        do {
            int sum = 0;
            for (int i = 0; i < siteCount; i++) {
                siteSum[i] = sum;
                if (siteKind[i] > JMP) {
                    siteSize[i] = -(siteRaw[i] + sum) & (1 << siteArg[i]) - 1;
                }
                sum += siteSize[i];
            }
            siteSum[siteCount] = sum;
        } while (lengthen(++round >= MAX_ROUNDS));
    }

    private boolean lengthen(boolean all) {
        boolean changed = false;
        for (int i = 0; i < siteCount; i++) {
            if (siteKind[i] <= JMP && siteSize[i] == 2) {
                int distance = offset(siteArg[i]) - (siteRaw[i] + siteSum[i] + 2);
                if (all || distance != (byte) distance) {
                    siteSize[i] = siteKind[i] == JMP ? 5 : 6;
                    changed = true;
                }
            }
        }
        return changed;
    }

    private void copy(byte[] out) {
        int from = 0;
        int to = 0;
        for (int i = 0; i < siteCount; i++) {
            int n = siteRaw[i] - from;
            System.arraycopy(bytes, from, out, to, n);
            from += n;
            to += n;
            switch (siteKind[i]) {
                case ALIGN_CODE -> Nops.fill(out, to, siteSize[i]);
                case ALIGN_DATA -> Arrays.fill(out, to, to + siteSize[i], (byte) 0xCC);
                default -> branch(out, to, i);
            }
            to += siteSize[i];
        }
        System.arraycopy(bytes, from, out, to, position - from);
    }

    private void branch(byte[] out, int at, int site) {
        int size = siteSize[site];
        int distance = offset(siteArg[site]) - (at + size);
        int kind = siteKind[site];
        if (size == 2) {
            out[at] = (byte) (kind == JMP ? 0xEB : 0x70 + kind);
            out[at + 1] = (byte) distance;
        } else {
            if (kind == JMP) {
                out[at] = (byte) 0xE9;
            } else {
                out[at] = 0x0F;
                out[at + 1] = (byte) (0x80 + kind);
            }
            put32(out, at + size - 4, distance);
        }
    }

    private void fillFields(byte[] out) {
        for (int i = 0; i < fieldCount; i++) {
            int at = fieldRaw[i] + siteSum[fieldSite[i]];
            int base = fieldBase[i] < 0 ? at + (-1 - fieldBase[i]) : offset(fieldBase[i]);
            put32(out, at, offset(fieldLabel[i]) - base);
        }
    }

    static void put32(byte[] out, int at, int value) {
        out[at] = (byte) value;
        out[at + 1] = (byte) (value >> 8);
        out[at + 2] = (byte) (value >> 16);
        out[at + 3] = (byte) (value >> 24);
    }
}
