package org.sallyport.architecture;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;

/** Which class names which, of a set of classes: members of a class and classes inside of it count as the class. */
record Arrows(SortedMap<String, SortedSet<String>> classes) {

    static Arrows of(JavaClasses all) {
        SortedMap<String, SortedSet<String>> arrows = new TreeMap<>();
        for (JavaClass from : all) {
            SortedSet<String> seen = arrows.computeIfAbsent(outermost(from).getName(), _ -> new TreeSet<>());
            for (Dependency dependency : from.getDirectDependenciesFromSelf()) {
                JavaClass to = outermost(dependency.getTargetClass().getBaseComponentType());
                if (all.contain(to.getName()) && !to.equals(outermost(from))) {
                    seen.add(to.getName());
                }
            }
        }
        return new Arrows(arrows);
    }

    private static JavaClass outermost(JavaClass inner) {
        JavaClass outer = inner;
        while (outer.getEnclosingClass().isPresent()) {
            outer = outer.getEnclosingClass().get();
        }
        return outer;
    }

    static String packageOf(String className) {
        return className.substring(0, className.lastIndexOf('.'));
    }

    /** What each package sees of the others. */
    SortedMap<String, SortedSet<String>> packages() {
        SortedMap<String, SortedSet<String>> arrows = new TreeMap<>();
        classes.forEach((from, seen) -> {
            SortedSet<String> packages = arrows.computeIfAbsent(packageOf(from), _ -> new TreeSet<>());
            seen.stream().map(Arrows::packageOf).filter(to -> !to.equals(packageOf(from))).forEach(packages::add);
        });
        return arrows;
    }

    /**
     * Classes that lead to each other, where they are in more than one package; each group is told by its arrows
     * between packages.
     */
    List<List<String>> cyclesBetweenPackages() {
        List<List<String>> cycles = new ArrayList<>();
        for (Set<String> component : new Components().all()) {
            List<String> crossing = new ArrayList<>();
            for (String from : component) {
                for (String to : classes.get(from)) {
                    if (component.contains(to) && !packageOf(from).equals(packageOf(to))) {
                        crossing.add(from + " -> " + to);
                    }
                }
            }
            if (!crossing.isEmpty()) {
                Collections.sort(crossing);
                cycles.add(crossing);
            }
        }
        cycles.sort(Comparator.comparing(List::getFirst));
        return cycles;
    }

    /** Strongly connected components (Tarjan 1972); the recursion is a list, for the graph may be deep. */
    private final class Components {
        private final Map<String, Integer> index = new HashMap<>();
        private final Map<String, Integer> low = new HashMap<>();
        private final Deque<String> open = new ArrayDeque<>();
        private final Set<String> isOpen = new HashSet<>();
        private final List<Set<String>> found = new ArrayList<>();

        private record Visit(String node, Iterator<String> rest) {}

        List<Set<String>> all() {
            for (String node : classes.keySet()) {
                if (!index.containsKey(node)) {
                    visit(node);
                }
            }
            return found;
        }

        private void visit(String root) {
            Deque<Visit> path = new ArrayDeque<>();
            path.push(enter(root));
            while (!path.isEmpty()) {
                Visit visit = path.getFirst();
                if (visit.rest().hasNext()) {
                    String next = visit.rest().next();
                    if (!index.containsKey(next)) {
                        path.push(enter(next));
                    } else if (isOpen.contains(next)) {
                        low.merge(visit.node(), index.get(next), Math::min);
                    }
                } else {
                    path.pop();
                    leave(visit.node());
                    if (!path.isEmpty()) {
                        low.merge(path.getFirst().node(), low.get(visit.node()), Math::min);
                    }
                }
            }
        }

        private Visit enter(String node) {
            int number = index.size();
            index.put(node, number);
            low.put(node, number);
            open.push(node);
            isOpen.add(node);
            return new Visit(node, classes.get(node).iterator());
        }

        private void leave(String node) {
            if (!low.get(node).equals(index.get(node))) {
                return;
            }
            Set<String> component = new TreeSet<>();
            String member;
            do {
                member = open.pop();
                isOpen.remove(member);
                component.add(member);
            } while (!member.equals(node));
            found.add(component);
        }
    }
}
