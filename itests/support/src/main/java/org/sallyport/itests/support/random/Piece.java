package org.sallyport.itests.support.random;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One topic of a random module: what it declares, and the statements and values that it adds to functions. Texts are folded
 * instructions; a value leaves one operand of its type, a statement leaves none.
 */
interface Piece {
    /** Definitions of types, the same in all modules. */
    default String types() {
        return "";
    }

    /** What modules share: the library defines it, the main module imports it; a module alone defines it. */
    default List<Shared> shared() {
        return List.of();
    }

    /** Imports of the host's, the same in all modules. */
    default String imports() {
        return "";
    }

    /** What each module has of its own, behind all imports. */
    default String own() {
        return "";
    }

    /** Types of locals, globals, parameters, results that exist by this topic. */
    default List<String> valueTypes() {
        return List.of();
    }

    /** A value of the simplest kind, which never traps and calls nothing; null if this topic has none of the type. */
    default @Nullable String leaf(String type) {
        return null;
    }

    /** A value with operands of this depth; null if this topic has none of the type. */
    default @Nullable String value(String type, int depth) {
        return null;
    }

    /** A statement with operands of this depth; those that contain others only if it is positive. Null if there is none. */
    default @Nullable String statement(int depth) {
        return null;
    }

    /** Statements without operand or result that make the state of what is shared part of the digest. */
    default String digest() {
        return "";
    }

    /** The function that takes a value of the type and makes it part of the digest; null if this topic has none. */
    default @Nullable String digester(String type) {
        return null;
    }

    /**
     * @param name {@code $m0}; exported and imported without the dollar sign
     * @param kind {@code memory}
     * @param type {@code i64 1 3}
     * @param init what a definition has besides; may be empty
     */
    record Shared(String name, String kind, String type, String init) {
        String definition() {
            return "(" + kind + " " + name + " (export \"" + name.substring(1) + "\") " + type + " " + init + ")\n";
        }

        String imported() {
            return "(import \"lib\" \"" + name.substring(1) + "\" (" + kind + " " + name + " " + type + "))\n";
        }

        String exported() {
            return "(export \"" + name.substring(1) + "\" (" + kind + " " + name + "))\n";
        }
    }
}
