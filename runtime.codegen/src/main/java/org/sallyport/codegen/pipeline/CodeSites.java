package org.sallyport.codegen.pipeline;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.sallyport.codegen.lir.Ints;
import org.sallyport.codegen.lir.Lir;
import org.sallyport.codegen.lir.Positions;
import org.sallyport.spi.SideTables;

/**
 * What is known of places in a function's code while an {@link Isa.Emitter} writes it: where it may trap, calls, landings,
 * relocations, and code that goes behind the function. Places are labels of the machine's code buffer.
 */
public final class CodeSites {
    /** The labels of a code buffer, by number. */
    public interface Labels {
        /** A new label that is not bound yet. */
        int newLabel();

        /** Puts a label where the next instruction goes. */
        void bind(int label);

        /** A new label where the next instruction goes. */
        int here();

        /** Bytes from the code's start to a label, once all is written. */
        int offset(int label);
    }

    private final Lir lir;
    private final Labels labels;
    private int position;

    private final Ints trapLabels = new Ints();
    private final Ints trapCodes = new Ints();
    private final Ints trapPositions = new Ints();
    private final Ints callLabels = new Ints();
    private final Ints callPositions = new Ints();
    private final Ints handledCalls = new Ints();
    private final Ints landingLabels = new Ints();
    private final Ints inlined = new Ints();
    private final Ints inlinedAt = new Ints();
    private final Ints relocationLabels = new Ints();
    private final Ints relocationTargets = new Ints();

    private final Ints stubLabels = new Ints();
    private final Ints stubCodes = new Ints();
    private final Ints stubPositions = new Ints();
    private final List<Runnable> coldPaths = new ArrayList<>();

    public CodeSites(Lir lir, Labels labels) {
        this.lir = lir;
        this.labels = labels;
    }

    /** Forgets everything and begins a function. */
    public void begin() {
        for (Ints list : new Ints[] {
            trapLabels, trapCodes, trapPositions, callLabels, callPositions, handledCalls, landingLabels,
            relocationLabels, relocationTargets,
            stubLabels, stubCodes, stubPositions
        }) {
            list.clear();
        }
        coldPaths.clear();
    }

    /** Goes on to an instruction with that position in the binary. */
    public void at(int instructionPosition) {
        position = instructionPosition;
    }

    // ---- traps

    public int position() {
        return position;
    }

    /** The instruction that is written next may trap. */
    public void trapsHere(int code) {
        trapsHere(code, position);
    }

    public void trapsHere(int code, int at) {
        trapLabels.add(labels.here());
        trapCodes.add(code);
        trapPositions.add(at);
    }

    /** Label of code that traps; it is written behind the function. */
    public int trapStub(int code) {
        return trapStub(code, position);
    }

    public int trapStub(int code, int at) {
        int last = stubLabels.size() - 1;
        if (last >= 0 && stubCodes.get(last) == code && stubPositions.get(last) == at) {
            return stubLabels.get(last);
        }
        int label = labels.newLabel();
        stubLabels.add(label);
        stubCodes.add(code);
        stubPositions.add(at);
        return label;
    }

    // ---- calls

    /** A call was just written. */
    public void called() {
        callLabels.add(labels.here());
        callPositions.add(position);
    }

    /** Where the call that was just written goes on when it throws. */
    public void handled(int landing) {
        handledCalls.add(callLabels.get(callLabels.size() - 1));
        landingLabels.add(landing);
    }

    /** A call out of the function, completed at the label ({@link FunctionCode.Relocations}). */
    public void relocation(int label, int target) {
        relocationLabels.add(label);
        relocationTargets.add(target);
    }

    // ---- behind the function

    /** Code to be written behind the function. */
    public void cold(Runnable path) {
        coldPaths.add(path);
    }

    /** Writes what goes behind the function. @param trap writes an instruction that traps */
    public void writeColdPaths(Runnable trap) {
        for (int i = 0; i < coldPaths.size(); i++) { // they may trap, but do not add paths
            coldPaths.get(i).run();
        }
        for (int i = 0; i < stubLabels.size(); i++) {
            labels.bind(stubLabels.get(i));
            trapsHere(stubCodes.get(i), stubPositions.get(i));
            trap.run();
        }
    }

    /**
     * @param code where the labels are
     * @param frame bytes from the frame pointer down to the stack pointer
     */
    public FunctionCode finish(byte[] code, int alignment, int frame) {
        byte[] codes = new byte[trapCodes.size()];
        for (int i = 0; i < codes.length; i++) {
            codes[i] = (byte) trapCodes.get(i);
        }
        SideTables tables = new SideTables(
                new SideTables.Traps(sites(trapLabels, trapPositions), codes),
                sites(callLabels, callPositions), handlers(frame));
        return new FunctionCode(
                code, alignment, tables,
                new FunctionCode.Relocations(offsets(relocationLabels), relocationTargets.toArray()));
    }

    private SideTables.Handlers handlers(int frame) {
        if (handledCalls.size() == 0) {
            return SideTables.Handlers.NONE;
        }
        int[] frames = new int[handledCalls.size()];
        Arrays.fill(frames, frame);
        return new SideTables.Handlers(offsets(handledCalls), offsets(landingLabels), frames);
    }

    private SideTables.Sites sites(Ints places, Ints positions) {
        inlined.clear();
        inlinedAt.clear();
        int[] list = positions.toArray();
        for (int i = 0; i < list.length; i++) {
            if (Positions.isInlined(list[i])) {
                inlined.add(i);
                inlinedAt.add(lir.positions().call(list[i]));
                list[i] = lir.positions().original(list[i]);
            }
        }
        return new SideTables.Sites(offsets(places), list, inlined.toArray(), inlinedAt.toArray());
    }

    private int[] offsets(Ints list) {
        int[] offsets = list.toArray();
        Arrays.setAll(offsets, i -> labels.offset(offsets[i]));
        return offsets;
    }
}
