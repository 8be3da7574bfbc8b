;; Sum of regression trees (WebAssembly): four trees at a time go down side by side without a branch, for a processor can neither foretell the
;; branches of trees nor wait for their loads one by one. A node is 16 bytes: threshold f64, address of its feature i32, address of its left branch
;; i32 (the right one follows it); a leaf goes to itself. Values of the nodes lie apart, f64. Compiled to trees-wasm.ts by tools/compile-wat.ts.
(module
  (memory (export "memory") 1)
  (func (export "sum")
    (param $root i32) (param $roots_end i32) (param $depth i32) (param $nodes i32) (param $values i32) (param $sum f64) (result f64)
    (local $a i32) (local $b i32) (local $c i32) (local $d i32) (local $left i32)
    (loop $trees
      (local.set $a (i32.load (local.get $root)))
      (local.set $b (i32.load offset=4 (local.get $root)))
      (local.set $c (i32.load offset=8 (local.get $root)))
      (local.set $d (i32.load offset=12 (local.get $root)))
      (local.set $left (local.get $depth))
      (loop $down
        (local.set $a (i32.add (i32.load offset=12 (local.get $a)) (i32.shl (f64.gt (f64.load (i32.load offset=8 (local.get $a))) (f64.load (local.get $a))) (i32.const 4))))
        (local.set $b (i32.add (i32.load offset=12 (local.get $b)) (i32.shl (f64.gt (f64.load (i32.load offset=8 (local.get $b))) (f64.load (local.get $b))) (i32.const 4))))
        (local.set $c (i32.add (i32.load offset=12 (local.get $c)) (i32.shl (f64.gt (f64.load (i32.load offset=8 (local.get $c))) (f64.load (local.get $c))) (i32.const 4))))
        (local.set $d (i32.add (i32.load offset=12 (local.get $d)) (i32.shl (f64.gt (f64.load (i32.load offset=8 (local.get $d))) (f64.load (local.get $d))) (i32.const 4))))
        (br_if $down (i32.gt_s (local.tee $left (i32.sub (local.get $left) (i32.const 1))) (i32.const 0))))
      (local.set $sum (f64.add (local.get $sum) (f64.load (i32.add (local.get $values) (i32.shr_u (i32.sub (local.get $a) (local.get $nodes)) (i32.const 1))))))
      (local.set $sum (f64.add (local.get $sum) (f64.load (i32.add (local.get $values) (i32.shr_u (i32.sub (local.get $b) (local.get $nodes)) (i32.const 1))))))
      (local.set $sum (f64.add (local.get $sum) (f64.load (i32.add (local.get $values) (i32.shr_u (i32.sub (local.get $c) (local.get $nodes)) (i32.const 1))))))
      (local.set $sum (f64.add (local.get $sum) (f64.load (i32.add (local.get $values) (i32.shr_u (i32.sub (local.get $d) (local.get $nodes)) (i32.const 1))))))
      (br_if $trees (i32.lt_u (local.tee $root (i32.add (local.get $root) (i32.const 16))) (local.get $roots_end))))
    (local.get $sum)))
