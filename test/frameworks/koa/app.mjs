import Router from '@koa/router';
import Koa from 'koa';
import { serve } from './routed.mjs';

serve(Koa, Router);
