;; out = weights * x + bias, nothing below 0 if asked: four outputs at a time, four products an instruction (WebAssembly SIMD).
;; Rows and columns in fours; all addresses in bytes, of f32. Compiled to affine-wasm.ts by tools/compile-wat.ts; a test holds it to this text.
(module
  (memory (export "memory") 1)
  (func (export "affine")
    (param $x i32) (param $weights i32) (param $bias i32) (param $out i32) (param $rows i32) (param $columns i32) (param $positive i32)
    (local $a v128) (local $b v128) (local $c v128) (local $d v128) (local $input v128)
    (local $row i32) (local $at i32) (local $end i32) (local $stride i32) (local $w i32)
    (local.set $stride (i32.shl (local.get $columns) (i32.const 2)))
    (loop $rows_left
      (local.set $a (v128.const f32x4 0 0 0 0))
      (local.set $b (local.get $a))
      (local.set $c (local.get $a))
      (local.set $d (local.get $a))
      (local.set $at (local.get $x))
      (local.set $end (i32.add (local.get $x) (local.get $stride)))
      (local.set $w (local.get $weights))
      (loop $columns_left
        (local.set $input (v128.load (local.get $at)))
        (local.set $a (f32x4.add (local.get $a) (f32x4.mul (local.get $input) (v128.load (local.get $w)))))
        (local.set $b (f32x4.add (local.get $b) (f32x4.mul (local.get $input) (v128.load (i32.add (local.get $w) (local.get $stride))))))
        (local.set $c (f32x4.add (local.get $c) (f32x4.mul (local.get $input) (v128.load (i32.add (local.get $w) (i32.shl (local.get $stride) (i32.const 1)))))))
        (local.set $d (f32x4.add (local.get $d) (f32x4.mul (local.get $input) (v128.load (i32.add (local.get $w) (i32.mul (local.get $stride) (i32.const 3)))))))
        (local.set $w (i32.add (local.get $w) (i32.const 16)))
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (br_if $columns_left (i32.lt_u (local.get $at) (local.get $end))))
      ;; The four sums of four lanes each, turned into one vector of four sums.
      (local.set $input (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $a) (local.get $b)))
      (local.set $b (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 (local.get $a) (local.get $b)))
      (local.set $a (f32x4.add (local.get $input) (local.get $b)))
      (local.set $input (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $c) (local.get $d)))
      (local.set $d (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 (local.get $c) (local.get $d)))
      (local.set $c (f32x4.add (local.get $input) (local.get $d)))
      (local.set $a (f32x4.add
        (f32x4.add
          (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (local.get $a) (local.get $c))
          (i8x16.shuffle 8 9 10 11 12 13 14 15 24 25 26 27 28 29 30 31 (local.get $a) (local.get $c)))
        (v128.load (i32.add (local.get $bias) (i32.shl (local.get $row) (i32.const 2))))))
      (if (local.get $positive) (then (local.set $a (f32x4.max (local.get $a) (v128.const f32x4 0 0 0 0)))))
      (v128.store (i32.add (local.get $out) (i32.shl (local.get $row) (i32.const 2))) (local.get $a))
      (local.set $weights (i32.add (local.get $weights) (i32.shl (local.get $stride) (i32.const 2))))
      (local.set $row (i32.add (local.get $row) (i32.const 4)))
      (br_if $rows_left (i32.lt_u (local.get $row) (local.get $rows))))))
