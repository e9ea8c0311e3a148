package org.sallyport.spi;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.IndexSpaces;
import org.sallyport.wasm.WasmModule;

/**
 * The proof that a module is valid, with what was learned on the way. Everything behind the validator takes this type,
 * so that nothing unchecked reaches a code generator. Only a {@link Validator} makes one. Immutable; nobody writes to
 * its arrays.
 */
public final class ValidModule {
    private final WasmModule module;
    private final IndexSpaces spaces;
    private final Set<Feature> features;
    private final int[] escapingFunctions;
    private final int[] canonicalTypes;
    private final FunctionFacts[] facts;

    /**
     * @param prover who vouches for the module
     * @param features proposals that the module really uses
     * @param escapingFunctions see {@link #escapingFunctions()}
     * @param canonicalTypes see {@link #canonicalType(int)}
     * @param facts one for each function with a body
     */
    public ValidModule(
            Validator prover,
            IndexSpaces spaces,
            Set<Feature> features,
            int[] escapingFunctions,
            int[] canonicalTypes,
            FunctionFacts[] facts) {
        Objects.requireNonNull(prover, "only a validator can vouch for a module");
        this.module = spaces.module();
        this.spaces = spaces;
        EnumSet<Feature> copy = EnumSet.noneOf(Feature.class);
        copy.addAll(features);
        this.features = Collections.unmodifiableSet(copy);
        this.escapingFunctions = escapingFunctions.clone();
        this.canonicalTypes = canonicalTypes.clone();
        this.facts = facts.clone();
    }

    public WasmModule module() {
        return module;
    }

    public IndexSpaces spaces() {
        return spaces;
    }

    /** The proposals that the module really uses. */
    public Set<Feature> features() {
        return features;
    }

    /**
     * Indices, ascending, of the functions that a reference may exist to: exported, in an element segment, in {@code
     * ref.func}, or in the initializer of a global or table. The compiler and the instance allocator give these, and no
     * others, a function reference. A copy.
     */
    public int[] escapingFunctions() {
        return escapingFunctions.clone();
    }

    /**
     * The smallest index of a type equal to this one (3.3.1, iso-recursive): two indices of this module name the same
     * type exactly if their canonical types are the same.
     */
    public int canonicalType(int typeIndex) {
        return canonicalTypes[typeIndex];
    }

    /** What is known of a function that is not imported. */
    public FunctionFacts facts(int function) {
        return facts[function - spaces.importedFuncs()];
    }

    /**
     * What validation learned of a function body.
     *
     * @param instructions number of instructions, {@code end} and {@code else} included
     * @param maxOperands greatest height of the operand stack, in values
     * @param maxNesting greatest number of open blocks, the body included
     * @param calls whether it calls anything (a leaf otherwise)
     * @param tailCalls whether it has a tail call; then {@code calls} is true, too
     * @param loops whether it has a {@code loop}
     * @param touchesMemory whether it reads, writes or asks any memory
     */
    public record FunctionFacts(
            int instructions, int maxOperands, int maxNesting, boolean calls, boolean tailCalls, boolean loops,
            boolean touchesMemory) {}
}
