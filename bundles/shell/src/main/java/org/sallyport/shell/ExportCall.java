package org.sallyport.shell;

import java.util.ArrayList;
import java.util.List;
import org.sallyport.EntityType;
import org.sallyport.ExportType;
import org.sallyport.Instance;
import org.sallyport.Module;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.NumType;
import org.sallyport.wasm.ValType;

/** A call of an export with numbers, as an operator types them. */
final class ExportCall {
    private final String export;
    private final List<Object> arguments;

    private ExportCall(String export, List<Object> arguments) {
        this.export = export;
        this.arguments = arguments;
    }

    /**
     * What is called, before there is an instance: a call that cannot be made is none.
     *
     * @throws IllegalArgumentException if there is no such function, or the arguments are not its; says what there is
     */
    static ExportCall of(Module module, String export, List<String> texts) {
        FuncType type = null;
        List<String> functions = new ArrayList<>();
        for (ExportType one : module.exports()) {
            if (one.type() instanceof EntityType.Func func) {
                functions.add(one.name());
                type = one.name().equals(export) ? func.type() : type;
            }
        }
        if (type == null) {
            throw new IllegalArgumentException("it exports no function " + export + "; there are " + functions);
        }
        if (type.params().size() != texts.size()) {
            throw new IllegalArgumentException(
                    export + " has the type " + type + ", found " + texts.size() + " arguments: " + texts);
        }
        List<Object> arguments = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            arguments.add(number(type.params().get(i), texts.get(i), export));
        }
        return new ExportCall(export, arguments);
    }

    /** @return the results for people */
    String in(Instance instance) throws Throwable {
        Object result = instance.func(export).handle().invokeWithArguments(arguments);
        return result instanceof Object[] several ? List.of(several).toString() : String.valueOf(result == null ? "" : result);
    }

    private static Object number(ValType type, String text, String export) {
        try {
            return switch (type) {
                case NumType.I32 -> Integer.decode(text);
                case NumType.I64 -> Long.decode(text);
                case NumType.F32 -> Float.valueOf(text);
                case NumType.F64 -> Double.valueOf(text);
                default -> throw new IllegalArgumentException(
                        export + " takes a " + type + ", which cannot be typed; only functions over numbers can be called");
            };
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(export + " takes a number of type " + type + ", found \"" + text + "\"", e);
        }
    }
}
